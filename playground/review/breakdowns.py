"""Tables of the dashboard: who and what, the most expensive first, each line with its share and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.review.names import DIMENSION_TITLES, Names
from playground.review.selection import Selection
from playground.review.trends import Trend, trend
from playground.review.waits import Waits
from playground.usage.charts.shapes import number_text
from playground.usage.figures import Sums

SHOWN = 10
MOST_SHOWN = 1000
SORTS: dict[str, Callable[[Sums], Any]] = {
    "cost": lambda sums: (sums.amount, sums.tokens),
    "runs": lambda sums: sums.runs,
    "tokens": lambda sums: sums.tokens,
    "errors": lambda sums: (error_runs(sums), sums.runs),
}


def error_runs(sums: Sums) -> int:
    return sums.failed_runs + sums.interrupted_runs


@dataclass(frozen=True, slots=True)
class Line:
    """One person, one model, …"""

    value: str  # as addresses have it
    name: str
    is_gone: bool  # a person who was deleted
    sums: Sums
    share: Decimal | None  # of the whole amount; None when nothing is priced
    width: str  # of its bar, with a percent sign
    trend: Trend | None  # of the amount
    waits: Waits | None
    query: str  # the dashboard of this alone
    runs: int
    errors: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    dimension: str
    title: str
    lines: Sequence[Line]
    count: int  # lines there are, shown or not
    has_waits: bool

    @property
    def hidden(self) -> int:
        return self.count - len(self.lines)


def break_down(
    dimension: str,
    selection: Selection,
    found: Mapping[Any, Sums],
    before: Mapping[Any, Sums],
    names: Names,
    *,
    waits: Mapping[Any, Waits] | None = None,
    sort: str = "cost",
    most: int = SHOWN,
) -> Breakdown:
    """The lines of one dimension, out of its sums now and before. No query."""
    ranked = sorted(found.items(), key=lambda pair: str(pair[0]))
    ranked.sort(key=lambda pair: SORTS[sort](pair[1]), reverse=True)
    # Of all that is shown, whatever the groups that somebody is in.
    whole = sum((sums.amount for sums in found.values()), Decimal(0))
    longest = max((sums.amount for sums in found.values()), default=Decimal(0))
    lines = [
        Line(
            value=str(value),
            name=names.of(dimension, value),
            is_gone=dimension == "user" and names.is_gone(value),
            sums=sums,
            share=sums.amount / whole if whole > 0 else None,
            width=f"{number_text(float(max(sums.amount, Decimal(0)) / longest * 100))}%" if longest > 0 else "0%",
            trend=trend(sums.amount, before.get(value, Sums()).amount) if before else None,
            waits=waits.get(value) if waits else None,
            query=selection.query(**{dimension: value}),
            runs=sums.runs,
            errors=error_runs(sums),
        )
        for value, sums in ranked[:most]
    ]
    return Breakdown(dimension, str(DIMENSION_TITLES[dimension]), lines, len(found), has_waits=waits is not None)
