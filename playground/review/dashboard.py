"""The page of everybody's usage: figures, charts and tables of one selection, with how they moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from playground.review import drawing
from playground.review.breakdowns import MOST_SHOWN, SHOWN, SORTS, Breakdown, break_down, error_runs
from playground.review.names import Names, load_names
from playground.review.selection import DIMENSIONS, NO_OWNER, Filters, Selection
from playground.review.sums import (
    TREND_NAMES,
    Breaking,
    Cell,
    load_cells,
    load_people,
    load_slots,
    provider_of,
    room_to_add_up,
    total_of,
)
from playground.review.trends import Trend, trend
from playground.review.waits import Waits, all_waits, load_waits, waits_by
from playground.review.wording import filter_label
from playground.usage.charts import Chart
from playground.usage.figures import Sums

# What the chart of costs is stacked by, and the column of it.
STACKS = {"model": "model_name", "provider": "provider", "source": "source"}
# Dimensions that the daily latencies know, and how they are read from rows of load_waits by model and source.
WAITED_FOR: dict[str, Callable[[tuple[Any, ...]], str]] = {
    "model": lambda row: row[0],
    "provider": lambda row: provider_of(row[0]),
    "source": lambda row: row[1],
}


@dataclass(frozen=True, slots=True)
class Look:
    """How the page shows the selection."""

    stack: str = "model"
    sort: str = "cost"
    show: str = ""  # the dimension whose table is shown whole

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Look:
        stack, sort, show = (query.get(name, "") for name in ("stack", "sort", "show"))
        return cls(
            stack if stack in STACKS else "model", sort if sort in SORTS else "cost", show if show in DIMENSIONS else ""
        )


@dataclass(frozen=True, slots=True)
class Trends:
    """Of the figures on top; None where there is nothing to compare with."""

    amount: Trend | None
    tokens: Trend | None
    runs: Trend | None
    errors: Trend | None
    first_token: Trend | None
    people: Trend | None


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """One filter of the form."""

    name: str
    title: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Dashboard:
    selection: Selection
    look: Look
    total: Sums
    people: int
    waits: Waits
    trends: Trends
    charts: Sequence[Chart]
    breakdowns: Sequence[Breakdown]
    choices: Sequence[Choices]

    @property
    def errors(self) -> int:
        return error_runs(self.total)

    @property
    def error_share(self) -> float:
        return self.errors / self.total.runs if self.total.runs else 0.0

    @property
    def unpriced_share(self) -> float:
        return self.total.unpriced_runs / self.total.runs if self.total.runs else 0.0

    @property
    def estimated_share(self) -> Decimal:
        """Of the amount."""
        return self.total.estimated_amount / self.total.amount if self.total.amount else Decimal(0)


def build_dashboard(selection: Selection, look: Look) -> Dashboard:
    """All of the page. Nine queries, and one more when somebody is gone, whatever the number of runs."""
    with room_to_add_up():
        everything = load_cells(Selection(selection.choice, Filters()))
        before = load_cells(selection.before, TREND_NAMES)
        slots = load_slots(selection, STACKS[look.stack])
        people_by_slot = load_people(selection, len(selection.period.slots()))
        waits_by_slot = load_waits(selection, "slot")
        waits_by_model = load_waits(selection, "model_name", "source")
        waits_before = all_waits(load_waits(selection.before))
    names = load_names(_owners(everything, selection.filters))
    cells = [cell for cell in everything if matches(cell, selection.filters, names)]
    waits, total = all_waits(waits_by_slot), total_of(cells)
    people = len({cell.user for cell in cells})
    by_slot = waits_by(waits_by_slot, lambda row: row[0])
    return Dashboard(
        selection=selection,
        look=look,
        total=total,
        people=people,
        waits=waits,
        trends=_trends(total, people, waits, before, waits_before),
        charts=drawing.charts(selection, slots, people_by_slot, by_slot, look.stack),
        breakdowns=list(_breakdowns(selection, look, cells, before, names, rows=waits_by_model)),
        choices=list(_choices(everything, selection.filters, names)),
    )


def matches(cell: Cell, filters: Filters, names: Names) -> bool:
    """As Filters.on has it in the database."""
    return (
        (filters.user is None or filters.user == (cell.user or NO_OWNER))
        and (filters.group is None or filters.group in names.groups_of_person(cell.user))
        and filters.model in {None, cell.model}
        and filters.provider in {None, cell.provider}
        and filters.source in {None, cell.source}
        and filters.key in {None, cell.key}
    )


def _owners(cells: Iterable[Cell], filters: Filters) -> list[int | None]:
    """Whoever ran most first."""
    runs = Counter[int | None]()
    if filters.user:
        runs[filters.user] = 1 << 62
    for cell in cells:
        runs[cell.user] += cell.values[0]
    return [owner for owner, _runs in runs.most_common()]


def _trends(total: Sums, people: int, waits: Waits, before: Sequence[Cell], waits_before: Waits) -> Trends:
    earlier = total_of(before, TREND_NAMES)
    return Trends(
        amount=trend(total.amount, earlier.amount),
        tokens=trend(total.tokens, earlier.tokens),
        runs=trend(total.runs, earlier.runs),
        errors=trend(error_runs(total), error_runs(earlier)),
        first_token=trend(waits.p50, waits_before.p50),
        people=trend(people, len({cell.user for cell in before})),
    )


def _breakdowns(
    selection: Selection,
    look: Look,
    cells: Sequence[Cell],
    before: Sequence[Cell],
    names: Names,
    *,
    rows: Sequence[tuple[Any, ...]],
) -> Iterable[Breakdown]:
    waits = {dimension: waits_by(rows, key) for dimension, key in WAITED_FOR.items()}
    now, earlier = Breaking(cells, names.groups_of_person), Breaking(before, names.groups_of_person, TREND_NAMES)
    for dimension in DIMENSIONS:
        yield break_down(
            dimension,
            selection,
            now.by(dimension),
            earlier.by(dimension),
            names,
            waits=waits.get(dimension),
            sort=look.sort,
            most=MOST_SHOWN if look.show == dimension else SHOWN,
        )


def _choices(cells: Sequence[Cell], filters: Filters, names: Names) -> Iterable[Choices]:
    """What there is in the period, whatever the other filters; and what is chosen, even if there is nothing of it."""
    found: dict[str, set[Any]] = {
        "user": {cell.user or NO_OWNER for cell in cells},
        "group": {group for cell in cells for group in names.groups_of_person(cell.user)},
        "model": {cell.model for cell in cells},
        "provider": {cell.provider for cell in cells},
        "source": {cell.source for cell in cells},
        "key": {cell.key for cell in cells},
    }
    chosen = filters.as_query()
    for dimension in DIMENSIONS:
        value = getattr(filters, dimension)
        values = found[dimension] | ({value} if value is not None else set())
        named = sorted((names.of(dimension, one), Filters(**{dimension: one}).as_query()[dimension]) for one in values)
        options = [Option(text, name, text == chosen.get(dimension)) for name, text in named]
        yield Choices(dimension, filter_label(dimension), options)


def one_breakdown(selection: Selection, dimension: str) -> Breakdown:
    """One table with all of its lines. Four queries, and one more when somebody is gone."""
    cells = load_cells(selection)
    names = load_names(_owners(cells, selection.filters))
    waits = None
    if dimension in WAITED_FOR:
        waits = waits_by(load_waits(selection, "model_name", "source"), WAITED_FOR[dimension])
    found = Breaking(cells, names.groups_of_person).by(dimension)
    return break_down(dimension, selection, found, {}, names, waits=waits, most=len(found))
