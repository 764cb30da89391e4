"""What of everybody's usage is looked at: some days, and filters. It comes from an address and goes back into addresses."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet

from playground.usage.models import DailyUsage, EntryKind, LedgerEntry
from playground.usage.periods import CUSTOM, Choice, Period, read_period

Rows = TypeVar("Rows", bound=Model)

# What usage can be broken down by and filtered by, in the order of the page.
DIMENSIONS = ("user", "group", "model", "provider", "source", "key")
NO_GROUP = 0  # stands for people who are in no group, and NO_OWNER for entries of nobody
NO_OWNER = 0
NO_KEY = "-"  # in an address: what was sent without a key, which is an empty text
_MOST_CHARS = {"model": 250, "provider": 60, "source": 12, "key": 80}
_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filters:
    """None: not filtered by it. `user` and `group` are keys of rows; people who are gone keep theirs in the ledger."""

    user: int | None = None
    group: int | None = None
    model: str | None = None
    provider: str | None = None
    source: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        texts: dict[str, Any] = {name: query[name][:most] for name, most in _MOST_CHARS.items() if query.get(name)}
        if texts.get("key") == NO_KEY:
            texts["key"] = ""
        return cls(user=_row_key(query.get("user", "")), group=_row_key(query.get("group", "")), **texts)

    def as_query(self) -> dict[str, str]:
        return {name: in_query(getattr(self, name)) for name in DIMENSIONS if getattr(self, name) is not None}

    @property
    def are_of_people(self) -> bool:
        """Whether they ask for what the daily latencies do not have."""
        return not (self.user is None and self.group is None and self.key is None)

    def on(self, rows: QuerySet[Rows]) -> QuerySet[Rows]:
        """Those of the ledger's entries, or of the daily sums, that they let through."""
        wanted = {"model_name": self.model, "provider": self.provider, "source": self.source, "key": self.key}
        rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
        if self.user is not None:
            rows = rows.filter(owner=None) if self.user == NO_OWNER else rows.filter(owner_id=self.user)
        if self.group is not None:
            membership = get_user_model().groups.through.objects
            if self.group == NO_GROUP:
                return rows.exclude(owner_id__in=membership.values("user_id"))
            rows = rows.filter(owner_id__in=membership.filter(group_id=self.group).values("user_id"))
        return rows


@dataclass(frozen=True, slots=True)
class Selection:
    choice: Choice
    filters: Filters

    @classmethod
    def of(cls, query: Mapping[str, str], today: datetime.date) -> Self:
        return cls(read_period(query, today), Filters.of(query))

    @property
    def period(self) -> Period:
        return self.choice.period

    @property
    def before(self) -> Selection:
        """The same of as many days before."""
        return replace(self, choice=Choice(CUSTOM, self.period.before))

    def daily(self) -> QuerySet[DailyUsage]:
        rows = DailyUsage.objects.filter(day__range=(self.period.first, self.period.last))
        return self.filters.on(rows).order_by()

    def entries(self) -> QuerySet[LedgerEntry]:
        """One for each run."""
        days = (self.period.first, self.period.last)
        return self.filters.on(LedgerEntry.objects.filter(day__range=days, kind=EntryKind.RUN)).order_by()

    def query(self, **changes: str | int | None) -> str:
        """For an address, with what is to be different; None takes a parameter out. Ends of names in _ are cut."""
        values: dict[str, str] = {**self._period_query(), **self.filters.as_query()}
        for name, value in changes.items():
            values[name.rstrip("_")] = "" if value is None else in_query(value)
        return urlencode({name: value for name, value in values.items() if value})

    def days_query(self, days: Period, **changes: str | int | None) -> str:
        """The same of other days."""
        return self.query(period=None, from_=str(days.first), to=str(days.last), **changes)

    def _period_query(self) -> dict[str, str]:
        """A name moves on with time, dates do not."""
        if self.choice.name == CUSTOM:
            return {"from": str(self.period.first), "to": str(self.period.last)}
        return {"period": self.choice.name}


def in_query(value: str | int) -> str:
    """A value of a filter as addresses have it."""
    return NO_KEY if value == "" else str(value)


def _row_key(text: str) -> int | None:
    """None for nonsense."""
    is_key = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_key and int(text) <= _MOST_ID else None
