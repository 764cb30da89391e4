"""What a usage page is asked for: read from the query of its address, and written back into addresses."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q

from playground.usage.figures import Only
from playground.usage.models import LedgerEntry
from playground.usage.models.ledger import LedgerQuerySet
from playground.usage.periods import CUSTOM, Choice, Period, read_period

NONE = "-"  # in an address: the runs without a preset, or without a key
STATUSES = ("completed", "stopped", "failed", "interrupted")
UNPRICED, ESTIMATED = "unpriced", "estimated"
_PARAMETERS = {"model": "model_name", "source": "source", "preset": "preset", "key": "key"}
MOST_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Filters:
    """A period, and which of its runs."""

    choice: Choice
    only: Only
    status: str = ""
    flag: str = ""  # UNPRICED or ESTIMATED
    before: Place | None = None  # runs before this one

    @property
    def period(self) -> Period:
        return self.choice.period

    @property
    def is_narrowed(self) -> bool:
        return bool(self.parameters(has_period=False))

    @property
    def has_own_list(self) -> bool:
        """Whether the list shows fewer runs than the figures count."""
        return bool(self.status or self.flag)

    def entries(self, rows: LedgerQuerySet) -> LedgerQuerySet:
        """The runs that are meant, with what they cost; newest first."""
        found: LedgerQuerySet = self.only.entries(rows.with_corrections(), self.period)  # type: ignore[assignment]
        if self.status:
            found = found.filter(status=self.status)
        if self.flag:
            found = found.unpriced() if self.flag == UNPRICED else found.filter(is_estimated=True)
        return found.order_by("-ran_at", "-run")

    def parameters(self, *, has_period: bool = True) -> dict[str, str]:
        """As they stand in an address, without the place in the list."""
        period = {"period": self.choice.name} if has_period else {}
        if period and self.choice.name == CUSTOM:
            period |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        named = {name: getattr(self.only, field) for name, field in _PARAMETERS.items()}
        chosen = {name: value or NONE for name, value in named.items() if value is not None}
        return (
            period | chosen | {name: value for name, value in (("status", self.status), ("only", self.flag)) if value}
        )

    def query(self, period: Period | None = None, **changes: str | None) -> str:
        """The query of an address that differs in `changes` (None takes one out), or shows other days."""
        found: dict[str, str | None] = {**self.parameters()}
        if period is not None:
            found |= {"period": CUSTOM, "from": period.first.isoformat(), "to": period.last.isoformat()}
        found |= changes
        return "?" + urlencode({name: value for name, value in found.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: the moment and the run that it stands at."""

    ran_at: datetime.datetime
    run: UUID

    def __str__(self) -> str:
        return f"{self.ran_at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat()}_{self.run}"

    @classmethod
    def of(cls, entry: LedgerEntry) -> Place:
        return cls(entry.ran_at, entry.run)

    @classmethod
    def read(cls, text: str) -> Place | None:
        moment, _between, run = text.partition("_")
        try:
            return cls(datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC), UUID(run))
        except ValueError:
            return None

    def older(self, rows: LedgerQuerySet) -> LedgerQuerySet:
        """What comes after it, newest first."""
        earlier = Q(ran_at__lt=self.ran_at) | Q(ran_at=self.ran_at, run__lt=self.run)
        return rows.filter(earlier, ran_at__lte=self.ran_at)  # the second alone is what an index serves


def read_filters(asked: Mapping[str, str], *, owner: int | None, today: datetime.date) -> Filters:
    """Of a query as people and others write it: what makes no sense is left out."""
    named = {field: asked.get(name, "")[:MOST_CHARACTERS] for name, field in _PARAMETERS.items()}
    chosen: dict[str, Any] = {field: "" if value == NONE else value for field, value in named.items() if value}
    status, flag = asked.get("status", ""), asked.get("only", "")
    return Filters(
        choice=read_period(asked, today),
        only=Only(owner=owner, **chosen),
        status=status if status in STATUSES else "",
        flag=flag if flag in {UNPRICED, ESTIMATED} else "",
        before=Place.read(asked.get("before", "")),
    )
