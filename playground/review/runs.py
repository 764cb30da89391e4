"""The runs behind a figure, a page at a time, newest first."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from playground.review.names import Names
from playground.review.selection import Selection
from playground.usage.models import EntryKind, LedgerEntry
from playground.usage.models.ledger import LedgerQuerySet
from playground.usage.wording import statuses

PAGE = 50
BATCH = 1000  # entries of an export that are in memory at once
ERRORS = "errors"  # stands for the statuses that are one
ERROR_STATUSES = ("failed", "interrupted")
ONLY = ("unpriced", "estimated", "corrected")


@dataclass(frozen=True, slots=True)
class Place:
    """An entry's place: days first, and within one the order in which runs ended. What the index of days serves."""

    day: datetime.date
    key: int

    def __str__(self) -> str:
        return f"{self.day}.{self.key}"

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        return cls(entry.day, entry.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        day, _dot, key = text.partition(".")
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            return None
        try:
            return cls(datetime.date.fromisoformat(day), int(key))
        except ValueError:
            return None

    @property
    def older(self) -> Q:
        # The first condition alone is what an index serves.
        return Q(day__lte=self.day) & (Q(day__lt=self.day) | Q(pk__lt=self.key))

    @property
    def newer(self) -> Q:
        return Q(day__gte=self.day) & (Q(day__gt=self.day) | Q(pk__gt=self.key))


@dataclass(frozen=True, slots=True)
class Which:
    """Which runs of a selection: how they ended, and what is known of what they cost."""

    status: str = ""
    only: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        status, only = query.get("status", ""), query.get("only", "")
        return cls(status if status in {*statuses(), ERRORS} else "", only if only in ONLY else "")

    def on(self, rows: LedgerQuerySet) -> LedgerQuerySet:
        if self.status:
            rows = rows.filter(status__in=ERROR_STATUSES if self.status == ERRORS else (self.status,))
        if self.only == "unpriced":
            return rows.unpriced()
        if self.only == "corrected":
            corrected = LedgerEntry.objects.filter(kind=EntryKind.CORRECTION)
            return rows.filter(pk__in=corrected.values("corrects"))
        return rows.filter(is_estimated=True) if self.only == "estimated" else rows


@dataclass(frozen=True, slots=True)
class RunPage:
    entries: Sequence[LedgerEntry]
    older: Place | None  # where the next page begins; None: there is none
    names: Names


def entries_of(selection: Selection, which: Which) -> LedgerQuerySet:
    """With what corrections of them add up to."""
    return which.on(selection.entries().with_corrections())  # type: ignore[attr-defined]


def load_page(selection: Selection, which: Which, after: Place | None) -> Sequence[LedgerEntry]:
    """One more than a page has, which says that there is more. One query."""
    rows = entries_of(selection, which).defer("usage")
    if after is not None:
        rows = rows.filter(after.older)
    return list(rows.order_by("-day", "-pk")[: PAGE + 1])


def batches(selection: Selection, which: Which) -> Iterator[Sequence[LedgerEntry]]:
    """All of them, oldest first, some at a time: a query for each batch, nothing held between them, no long transaction."""
    rows = entries_of(selection, which).defer("usage").order_by("day", "pk")
    some = list(rows[:BATCH])
    while some:
        yield some
        some = list(rows.filter(Place.of(some[-1]).newer)[:BATCH])
