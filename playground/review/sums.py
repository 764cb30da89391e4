"""Figures of some days: one query groups the daily sums by everything at once, and all breakdowns are made of its rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import add
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import Sum

from playground.review.selection import Selection
from playground.review.slots import slot_of_day
from playground.usage.figures import Sums

Key = TypeVar("Key", bound=Hashable)
Values = Sequence[Any]
# What is added up: each further sum over hundreds of thousands of rows takes its time.
NAMES = (
    "runs", "failed_runs", "stopped_runs", "interrupted_runs", "estimated_runs", "unpriced_runs", "prompt_tokens",
    "cached_tokens", "completion_tokens", "amount", "estimated_amount",
)  # fmt: skip
TREND_NAMES = ("runs", "failed_runs", "interrupted_runs", "prompt_tokens", "completion_tokens", "amount")
SLOT_NAMES = (*TREND_NAMES, "unpriced_runs", "cached_tokens")
WORK_MEM = "64MB"
_KEY = ("owner_id", "model_name", "source", "key")


class Cell(NamedTuple):
    """The runs of the period that share all that can be broken down by."""

    user: int | None
    model: str
    source: str
    key: str
    values: Values

    @property
    def provider(self) -> str:
        return provider_of(self.model)


def provider_of(model: str) -> str:
    """As the ledger has it: a part of the name. So nothing is grouped by it a second time."""
    return model.partition("/")[0]


@contextmanager
def room_to_add_up() -> Iterator[None]:
    """PostgreSQL adds up groups in memory instead of sorting hundreds of thousands of rows on disk; elsewhere nothing.

    Its planner counts on as many groups as the columns could make, and the few megabytes that it may use by default would
    not hold those.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
        yield


def load_cells(selection: Selection, names: Sequence[str] = NAMES) -> list[Cell]:
    """A few thousand rows for a year of hundreds of people. One query. Their values are those of `names`."""
    sums = _sums(names)
    rows = selection.daily().values(*_KEY).annotate(**sums).values_list(*_KEY, *sums)
    return [Cell(row[0], row[1], row[2], row[3], row[4:]) for row in rows]


def load_slots(selection: Selection, stacked_by: str) -> dict[tuple[int, str], Sums]:
    """By slot of the period and value of `stacked_by`. One query."""
    sums = _sums(SLOT_NAMES)
    rows = selection.daily().annotate(slot=slot_of_day(selection.period)).values("slot", stacked_by)
    found = rows.annotate(**sums).values_list("slot", stacked_by, *sums)
    return {(row[0], row[1]): _named(SLOT_NAMES, row[2:]) for row in found}


def load_people(selection: Selection, slots: int) -> list[int]:
    """How many different people there were in each slot. One query."""
    rows = selection.daily().annotate(slot=slot_of_day(selection.period)).values_list("slot", "owner_id").distinct()
    people = [0] * slots
    for slot, _owner in rows:
        people[slot] += 1
    return people


def pivot(pairs: Iterable[tuple[Key, Values]]) -> dict[Key, Values]:
    """The values that share a key, added up."""
    sums: dict[Key, Values] = {}
    for key, values in pairs:
        known = sums.get(key)
        sums[key] = values if known is None else list(map(add, known, values))
    return sums


def total_of(cells: Iterable[Cell], names: Sequence[str] = NAMES) -> Sums:
    return _named(names, pivot(("", cell.values) for cell in cells).get("", ()))


class Breaking:
    """Cells broken down by each dimension, each of them once. Somebody in two groups counts for both."""

    def __init__(
        self, cells: Sequence[Cell], groups_of: Callable[[int | None], Sequence[int]], names: Sequence[str] = NAMES
    ) -> None:
        self._names = names
        users = pivot((cell.user or 0, cell.values) for cell in cells)
        models = pivot((cell.model, cell.values) for cell in cells)
        self._values: dict[str, dict[Any, Values]] = {
            "user": users,
            "group": pivot((group, values) for user, values in users.items() for group in groups_of(user)),
            "model": models,
            "provider": pivot((provider_of(model), values) for model, values in models.items()),
            "source": pivot((cell.source, cell.values) for cell in cells),
            "key": pivot((cell.key, cell.values) for cell in cells),
        }

    def by(self, dimension: str) -> dict[Any, Sums]:
        return {key: _named(self._names, values) for key, values in self._values[dimension].items()}


def _sums(names: Sequence[str]) -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in names}


def _named(names: Sequence[str], values: Values) -> Sums:
    return Sums(**dict(zip(names, values, strict=bool(values))))
