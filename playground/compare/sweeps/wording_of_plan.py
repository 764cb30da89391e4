"""Fields and values of a plan as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.schemas import shipped_title
from playground.compare.models import Square
from playground.compare.sweeps.plan import MODEL, PRESET, SYSTEM_PROMPT, Plan
from playground.lib.numbers import number

MAX_DECIMALS = 6
SHORT = 48  # characters of a value in a head or a title


def field_label(field: str) -> str:
    if field == MODEL:
        return _("Model")
    if field == PRESET:
        return _("Preset")
    return _(shipped_title(field))


def value_label(value: Any) -> str:
    """In one line, cut short."""
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int | float):
        return number(value, MAX_DECIMALS)
    line = " ".join(str(value).split())
    return line if len(line) <= SHORT else line[: SHORT - 1].rstrip() + "…"


def axis_label(plan: Plan, axis: int, at: int) -> str:
    """The value at a place of an axis, with the field's name where the value does not say it itself."""
    field, value = plan.axes[axis].field, plan.axes[axis].values[at]
    if field in (MODEL, PRESET, SYSTEM_PROMPT):
        return value_label(value)
    return f"{field_label(field)} {value_label(value)}"


def place_label(plan: Plan, square: Square) -> str:
    """What sets a square apart: "Temperature 0.5 · acme/large-2 · tide 3"."""
    parts = [axis_label(plan, axis, at) for axis, at in enumerate((square.x, square.y)[: len(plan.axes)])]
    if plan.inputs:
        parts.append(input_label(plan.inputs[square.input], square.input))
    return " · ".join(parts)


def input_label(row: Mapping[str, str], at: int) -> str:
    """The first value of the row that says something, else its number."""
    first = next((value for value in row.values() if value.strip()), "")
    return value_label(first) if first else _("Row %(number)d") % {"number": at + 1}
