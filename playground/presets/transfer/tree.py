"""What strict JSON already promises, checked for values that came by another way: YAML, or code that was read."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from playground.lib.json_input import MAX_DEPTH, is_storable
from playground.presets.transfer.fields import MAX_INTEGER
from playground.presets.transfer.imported import refuse


def check_tree(value: Any, where: str = "") -> None:
    """BadImport unless `value` is plain JSON that a database stores. A loop, not a recursion."""
    waiting: list[tuple[Any, str, int]] = [(value, where, 0)]
    while waiting:
        item, place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            refuse(place[:200], _("This is nested more than %(levels)d levels deep.") % {"levels": MAX_DEPTH})
        if isinstance(item, dict):
            for key, inner in item.items():
                if not isinstance(key, str):
                    refuse(place, _("A name of a field must be a text."))
                _check_leaf(key, place)
                waiting.append((inner, f"{place}.{key}" if place else key, depth + 1))
        elif isinstance(item, list):
            waiting.extend((inner, f"{place}[{at}]", depth + 1) for at, inner in enumerate(item))
        else:
            _check_leaf(item, place)


def _check_leaf(item: Any, place: str) -> None:
    if isinstance(item, str):
        if not is_storable(item):
            refuse(place, _("A text holds a NUL character or half of a surrogate pair."))
    elif isinstance(item, float):
        if not math.isfinite(item):
            refuse(place, _("This must be a number."))
    elif isinstance(item, int):
        if abs(item) > MAX_INTEGER:
            refuse(place, _("This number is too large."))
    elif item is not None:
        refuse(place, _("This kind of value is not taken."))
