"""Spans of UTC days: which one is asked for, the one before it, and the slots that a chart of it has."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

DAY = datetime.timedelta(days=1)
WEEK_DAYS = 7
MOST_DAYS_BY_DAY, MOST_DAYS_BY_WEEK = 100, 400  # a longer period is shown by week, a still longer one by month
MOST_DAYS = 3660
FIRST_YEAR = 2000

CUSTOM, THIS_MONTH = "custom", "month"
LAST_DAYS = {"7d": 7, "30d": 30, "90d": 90}
DEFAULT = "30d"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last UTC day, both counted."""

    first: datetime.date
    last: datetime.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days, just before."""
        return Period(self.first - self.days * DAY, self.first - DAY)

    @property
    def starts_at(self) -> datetime.datetime:
        return datetime.datetime.combine(self.first, datetime.time(), datetime.UTC)

    @property
    def ends_at(self) -> datetime.datetime:
        """The first moment after it."""
        return datetime.datetime.combine(self.last + DAY, datetime.time(), datetime.UTC)

    @property
    def title(self) -> str:
        """ "March 12, 2026", or two of them."""
        first, last = (date_format(day, "DATE_FORMAT") for day in (self.first, self.last))
        return (
            first if self.first == self.last else _("%(first)s \N{EN DASH} %(last)s") % {"first": first, "last": last}
        )

    def slots(self) -> list[Slot]:
        """Its days, or weeks counted from its first day, or calendar months; a slot at an end may be shorter."""
        starts = [self.first]
        step = 1 if self.days <= MOST_DAYS_BY_DAY else WEEK_DAYS if self.days <= MOST_DAYS_BY_WEEK else 0
        while (start := _after(starts[-1], step)) <= self.last:
            starts.append(start)
        ends = [start - DAY for start in starts[1:]] + [self.last]
        return [Slot(first, last, is_month=not step) for first, last in zip(starts, ends, strict=True)]


def _after(start: datetime.date, step: int) -> datetime.date:
    if step:
        return start + step * DAY
    return (start.replace(day=1) + 31 * DAY).replace(day=1)


@dataclass(frozen=True, slots=True)
class Slot(Period):
    """One place on the axis of a chart."""

    is_month: bool = False

    @property
    def label(self) -> str:
        """Short: "Mar 12", "Mar 2026"."""
        return date_format(
            self.first, pgettext("month on an axis", "M Y") if self.is_month else pgettext("day on an axis", "M j")
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The period that somebody asked for, and what was wrong with what they asked."""

    name: str  # a key of `names()`
    period: Period
    problem: str = ""


def names() -> dict[str, str]:
    """What can be chosen, in words."""
    return {
        "7d": _("Last 7 days"),
        "30d": _("Last 30 days"),
        "90d": _("Last 90 days"),
        THIS_MONTH: _("This month"),
        CUSTOM: _("From \N{EN DASH} to"),
    }


def read_period(asked: Mapping[str, str], today: datetime.date) -> Choice:
    """Of `period`, `from` and `to` as a query has them; the last 30 days when they are absent or make no sense."""
    name = asked.get("period") or (CUSTOM if "from" in asked or "to" in asked else DEFAULT)
    if name == CUSTOM:
        return _custom(asked.get("from", ""), asked.get("to", ""), today)
    if name == THIS_MONTH:
        return Choice(name, Period(today.replace(day=1), today))
    if name not in LAST_DAYS:
        name = DEFAULT
    return Choice(name, last_days(LAST_DAYS[name], today))


def last_days(days: int, today: datetime.date) -> Period:
    return Period(today - (days - 1) * DAY, today)


def _custom(first: str, last: str, today: datetime.date) -> Choice:
    fallback = last_days(LAST_DAYS[DEFAULT], today)
    try:
        start = datetime.date.fromisoformat(first) if first else None
        end = datetime.date.fromisoformat(last) if last else today
    except ValueError:
        return Choice(CUSTOM, fallback, _("Dates are written as 2026-03-31. These are the last 30 days."))
    if start is None:
        start = max(end, datetime.date(FIRST_YEAR, 1, 1)) - (LAST_DAYS[DEFAULT] - 1) * DAY
    if end < start:
        start, end = end, start
    if start.year < FIRST_YEAR or end.year > today.year + 1 or (end - start).days >= MOST_DAYS:
        return Choice(CUSTOM, fallback, _("A period has ten years at most. These are the last 30 days."))
    return Choice(CUSTOM, Period(start, end))
