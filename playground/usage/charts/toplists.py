"""Lists of the largest: name, bar, figure, share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from playground.lib.figures import percent
from playground.usage.charts.scales import UNKNOWN, Unit, Value, write
from playground.usage.charts.shapes import TopLine, TopList, number_text

MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class Top:
    """One line: `value` decides how long its bar is; None has none."""

    name: str
    value: Value
    figure: str = ""  # written instead of the value
    note: str = ""
    url: str = ""


def top_list(*, name: str, title: str, rows: Sequence[Top], unit: Unit, most: int = MOST_LINES) -> TopList:
    """The first `most` of `rows`, which come in their order, each with its share of all of them."""
    values = [Decimal(row.value or 0) for row in rows]
    total, longest = sum(values, Decimal(0)), max(values, default=Decimal(0))
    lines = [
        TopLine(
            name=row.name,
            figure=row.figure or write(row.value, unit),
            note=row.note,
            url=row.url,
            share=percent(value / total) if row.value is not None and total > 0 else UNKNOWN,
            width=f"{number_text(float(max(value, Decimal(0)) / longest * 100))}%" if longest > 0 else "0%",
        )
        for row, value in zip(rows[:most], values[:most], strict=True)
    ]
    return TopList(name=name, title=title, lines=lines, more=_left_out(values[most:], unit))


def _left_out(values: Sequence[Decimal], unit: Unit) -> str:
    if not values:
        return ""
    left = sum(values, Decimal(0))
    shown = write(left if unit == Unit.DOLLARS else int(left), unit)
    return _("and %(count)d more: %(sum)s") % {"count": len(values), "sum": shown}
