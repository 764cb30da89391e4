"""What the columns do not have in common. Only that is shown under their heads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.models import Model
from playground.catalog.schemas import shipped_title
from playground.catalog.specs import specs_of
from playground.compare.models import Column
from playground.compare.page import Difference

SHORT_CHARACTERS = 40


def find_differences(columns: Sequence[Column], models: Mapping[str, Model]) -> list[list[Difference]]:
    """For each column its values of those fields that differ: parameters, preset, variables. No query.

    The model is not among them: it stands in the head anyway.
    """
    settings = [_settings(column) for column in columns]
    names = list(dict.fromkeys(name for one in settings for name in one))
    differing = [name for name in names if any(one.get(name) != settings[0].get(name) for one in settings)]
    return [
        [_difference(name, one.get(name), models.get(column.conversation.model_name)) for name in differing]
        for column, one in zip(columns, settings, strict=True)
    ]


def _settings(column: Column) -> dict[str, Any]:
    conversation = column.conversation
    settings = {} if conversation.preset is None else {"preset": conversation.preset.name}
    variables = {f"{{{{{name}}}}}": value for name, value in conversation.variables.items() if value}
    return {**settings, **conversation.parameters, **variables}


def _difference(name: str, value: Any, model: Model | None) -> Difference:
    if value is None:
        return Difference(name, _label(name, model), _unset(name, model), "", is_set=False)
    full = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(full.split())
    short = line if len(line) <= SHORT_CHARACTERS else line[: SHORT_CHARACTERS - 1] + "…"
    return Difference(name, _label(name, model), short or "“”", full if full != short else "", is_set=True)


def _label(name: str, model: Model | None) -> str:
    """As the form calls it: a column's model may not have the field."""
    if name == "preset":
        return _("Preset")
    if name.startswith("{{"):
        return name
    spec = specs_of(model).get(name) if model else None
    return _(spec.title if spec else shipped_title(name))


def _unset(name: str, model: Model | None) -> str:
    if name == "preset":
        return _("none")
    if name.startswith("{{"):
        return _("empty")
    return _("default") if model is None or name in specs_of(model) else _("not taken")
