"""The spans of time that budgets count in: UTC days and months by the database's clock, which all processes share."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.lib.postgres import is_postgres

BEGINNING = datetime.date(1970, 1, 1)  # of the one window that never ends


class Period(models.TextChoices):
    DAY = "day", _("a day")
    MONTH = "month", _("a month")
    TOTAL = "total", _("in total")


@dataclass(frozen=True, slots=True)
class Window:
    """From the day `first` on; `until` is the first day that is no longer in it, None when it never ends."""

    first: datetime.date
    until: datetime.date | None


def window_on(period: str, day: datetime.date) -> Window:
    """The one window of `period` that `day` is in."""
    if period == Period.DAY:
        return Window(day, day + datetime.timedelta(days=1))
    if period == Period.MONTH:
        first = day.replace(day=1)
        return Window(first, (first + datetime.timedelta(days=31)).replace(day=1))
    return Window(BEGINNING, None)


def database_now() -> datetime.datetime:
    """The time, in UTC, at which the present transaction began. One query on PostgreSQL; SQLite has no clock but ours."""
    if not is_postgres():
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        now: datetime.datetime = cursor.fetchone()[0]
    return now.astimezone(datetime.UTC)
