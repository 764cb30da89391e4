"""Figures of some days: one query groups the daily sums by everything at once, and all breakdowns are made of its rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Sum

from playground.review.selection import Selection
from playground.usage.figures import NAMES, Sums

Key = TypeVar("Key", bound=Hashable)
CELL = ("owner_id", "provider", "model_name", "source", "key")
_SUMS = {f"sum_{name}": Sum(name) for name in NAMES}


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of the period that share all that can be broken down by."""

    user: int | None
    provider: str
    model: str
    source: str
    key: str
    values: tuple[Any, ...]  # in the order of NAMES


def load_cells(selection: Selection) -> list[Cell]:
    """A few thousand rows for a year of hundreds of people. One query."""
    rows = selection.daily().values(*CELL).annotate(**_SUMS).values_list(*CELL, *_SUMS)
    return [Cell(row[0], row[1], row[2], row[3], row[4], row[5:]) for row in rows]


def load_days(selection: Selection, stacked_by: str) -> list[tuple[datetime.date, str, tuple[Any, ...]]]:
    """(day, value of `stacked_by`, sums in the order of NAMES). One query."""
    rows = selection.daily().values("day", stacked_by).annotate(**_SUMS).values_list("day", stacked_by, *_SUMS)
    return [(row[0], row[1], row[2:]) for row in rows]


def load_active(selection: Selection) -> Iterable[tuple[datetime.date, int | None]]:
    """(day, owner): who ran something on which day. One query."""
    return selection.daily().values_list("day", "owner_id").distinct().iterator(chunk_size=10_000)


def added_up(pairs: Iterable[tuple[Key, tuple[Any, ...]]]) -> dict[Key, Sums]:
    """The sums of the values that share a key."""
    columns: dict[Key, list[Any]] = {}
    for key, values in pairs:
        column = columns.get(key)
        if column is None:
            columns[key] = list(values)
        else:
            columns[key] = [one + other for one, other in zip(column, values, strict=True)]
    return {key: Sums(*column) for key, column in columns.items()}


def total_of(cells: Iterable[Cell]) -> Sums:
    return added_up(("", cell.values) for cell in cells).get("", Sums())


def by(cells: Iterable[Cell], key: Callable[[Cell], Iterable[Key]]) -> dict[Key, Sums]:
    """The sums by what `key` makes of a cell; a cell with several keys counts for each of them."""
    return added_up((one, cell.values) for cell in cells for one in key(cell))
