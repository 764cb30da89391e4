"""Figures of a period out of the daily sums: any number of totals, series and breakdowns in one statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, QuerySet, Sum, Value
from django.db.models.functions import Cast

from playground.usage.models import DailyUsage, LedgerEntry
from playground.usage.periods import Period, Slot

Key = tuple[str, ...]  # a value for each dimension; days as 2026-03-12, people by their key
Found = Mapping[Key, "Sums"]
MOST_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Sums:
    """What some runs add up to."""

    runs: int = 0
    failed_runs: int = 0
    stopped_runs: int = 0
    interrupted_runs: int = 0
    estimated_runs: int = 0
    unpriced_runs: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    duration_ms: int = 0
    amount: Decimal = Decimal(0)
    estimated_amount: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def is_unpriced(self) -> bool:
        """Nothing of it has a price: its amount is unknown, not 0."""
        return 0 < self.runs <= self.unpriced_runs and not self.amount

    @property
    def is_estimated(self) -> bool:
        """Tokens of some of it were counted by us."""
        return self.estimated_runs > 0

    @property
    def known_amount(self) -> Decimal | None:
        return None if self.is_unpriced else self.amount


NAMES = tuple(one.name for one in fields(Sums))


@dataclass(frozen=True, slots=True)
class Only:
    """Which runs are meant; None stands for all. An empty key or preset means the runs without one."""

    owner: int | None = None
    group: int | None = None
    provider: str | None = None
    model_name: str | None = None
    source: str | None = None
    key: str | None = None
    preset: str | None = None

    @property
    def lookups(self) -> dict[str, Any]:
        """For rows of DailyUsage and LedgerEntry alike."""
        names = {"owner": "owner_id", "group": "owner__groups"}
        pairs = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {names.get(name, name): value for name, value in pairs if value is not None}

    def usage(self, rows: QuerySet[DailyUsage], period: Period) -> QuerySet[DailyUsage]:
        return rows.filter(day__range=(period.first, period.last), **self.lookups)

    def entries(self, rows: QuerySet[LedgerEntry], period: Period) -> QuerySet[LedgerEntry]:
        return rows.filter(ran_at__gte=period.starts_at, ran_at__lt=period.ends_at, **self.lookups)


@dataclass(frozen=True, slots=True)
class Ask:
    """Rows of DailyUsage and the fields to add them up by: none, one or two."""

    rows: QuerySet[DailyUsage]
    by: Sequence[str] = ()


def find(asked: Mapping[str, Ask]) -> dict[str, dict[Key, Sums]]:
    """The answer to each of `asked`, all in one query."""
    found: dict[str, dict[Key, Sums]] = {name: {} for name in asked}
    parts = [_part(name, ask) for name, ask in asked.items()]
    for row in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
        values: dict[str, Any] = {name: row[f"sum_{name}"] or 0 for name in NAMES}
        sums = Sums(**values)
        if sums.runs or sums.amount:
            by = asked[row["which"]].by
            found[row["which"]][tuple(row[f"part_{at}"] for at in range(len(by)))] = sums
    return found


def _part(name: str, ask: Ask) -> QuerySet[DailyUsage, dict[str, Any]]:
    columns = {
        f"part_{at}": _text_of(ask.by[at]) if at < len(ask.by) else Value("", CharField())
        for at in range(MOST_DIMENSIONS)
    }
    grouped = ask.rows.order_by().annotate(which=Value(name, CharField()), **columns).values("which", *columns)
    added: QuerySet[DailyUsage, dict[str, Any]] = grouped.annotate(**{f"sum_{one}": Sum(one) for one in NAMES})
    return added


def _text_of(field: str) -> Cast:
    """Every part of the union has columns of one type."""
    return Cast(F(field), CharField())


# --- reading what was found ---


def total(found: Found) -> Sums:
    return sum(found.values(), Sums())


def ranked(found: Found) -> list[tuple[str, Sums]]:
    """By amount, then by tokens, the largest first. For one dimension."""
    pairs = [(key[0], sums) for key, sums in found.items()]
    return sorted(pairs, key=lambda pair: (-pair[1].amount, -pair[1].tokens, pair[0]))


def by_slot(found: Found, slots: Sequence[Slot]) -> list[Sums]:
    """What fell into each slot, of days found by ("day",)."""
    return by_slot_and_name({(*key, ""): sums for key, sums in found.items()}, slots).get("", [Sums()] * len(slots))


def by_slot_and_name(found: Found, slots: Sequence[Slot]) -> dict[str, list[Sums]]:
    """What fell into each slot, by the second dimension, of what was found by ("day", …)."""
    place = places(slots)
    columns: dict[str, list[Sums]] = {}
    for (day, name), sums in found.items():
        column = columns.setdefault(name, [Sums()] * len(slots))
        at = place[datetime.date.fromisoformat(day)]
        column[at] += sums
    return columns


def places(slots: Iterable[Slot]) -> dict[datetime.date, int]:
    """The slot of each day."""
    return {
        slot.first + datetime.timedelta(days=number): at for at, slot in enumerate(slots) for number in range(slot.days)
    }
