"""The values of an axis as somebody writes them: a list, or a range with a step."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.checks import check_value
from playground.catalog.problems import BadValue
from playground.catalog.reading import read_value
from playground.catalog.specs import COMPOSER, FieldSpec
from playground.compare.sweeps.plan import MAX_VALUES, MODEL, PRESET, SYSTEM_PROMPT

# Between system prompts, which have lines of their own: three or more hyphens, alone on a line.
_RULE = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_NUMBERS = ("number", "integer")
_WIDGETS = ("select", "switch", "text")
MAX_DIGITS = 20


def may_vary(spec: FieldSpec) -> bool:
    """Whether a sweep can take `spec` for an axis: a number, a choice, the system prompt."""
    if spec.widget == COMPOSER:
        return False
    return (
        spec.name == SYSTEM_PROMPT
        or spec.type in _NUMBERS
        or (spec.type in ("string", "boolean") and spec.widget in _WIDGETS)
    )


def is_number(spec: FieldSpec | None) -> bool:
    return spec is not None and spec.type in _NUMBERS


def read_values(field: str, spec: FieldSpec | None, texts: list[str], *, is_list: bool = False) -> tuple[Any, ...]:
    """The values that `texts` hold: one text to be split, or with `is_list` each one a value. Raises BadValue."""
    values = _split(field, spec, texts[0] if texts else "") if not is_list else [text for text in texts if text]
    if not values:
        raise BadValue(_("Give at least one value."))
    typed = [_typed(field, spec, value) for value in values]
    unique = tuple(dict.fromkeys(typed))
    if len(unique) > MAX_VALUES:
        raise BadValue(_("At most %(limit)d values a field.") % {"limit": MAX_VALUES})
    return unique


def read_range(spec: FieldSpec, first: str, last: str, step: str) -> tuple[Any, ...]:
    """From `first` to `last`, both included, `step` apart. Raises BadValue."""
    start, end, by = (_decimal(text) for text in (first, last, step))
    if by == 0 or (end - start) / by < 0:
        raise BadValue(_("The step must lead from the first value to the last."))
    count = int((end - start) / by) + 1
    if count > MAX_VALUES:
        raise BadValue(_("At most %(limit)d values a field.") % {"limit": MAX_VALUES})
    return read_values(spec.name, spec, [_plain(start + number * by) for number in range(count)], is_list=True)


def _split(field: str, spec: FieldSpec | None, text: str) -> list[str]:
    if field == SYSTEM_PROMPT:
        return [part.strip() for part in _RULE.split(text) if part.strip()]
    if is_number(spec):
        return re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _typed(field: str, spec: FieldSpec | None, text: str) -> Any:
    if field in (MODEL, PRESET) or spec is None:
        return text
    value = read_value(spec.type, text)
    if problems := check_value(spec, value):
        raise BadValue(_("%(value)s: %(problem)s") % {"value": text[:60], "problem": problems[0]})
    return value


def _decimal(text: str) -> Decimal:
    text = text.strip()
    try:
        value = Decimal(text) if len(text) <= MAX_DIGITS else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS:
        raise BadValue(_("Enter numbers for the first value, the last one and the step."))
    return value


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
