"""The slot of a period that a day falls into, worked out by the database: far fewer rows come back than days have."""

from __future__ import annotations

from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, Func, IntegerField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractMonth, ExtractYear

from playground.usage.periods import MOST_DAYS_BY_DAY, MOST_DAYS_BY_WEEK, WEEK_DAYS, Period


class DaysBetween(Func):
    """From the second date to the first, as an integer."""

    arity = 2
    output_field = IntegerField()
    template = "(%(expressions)s)"
    arg_joiner = " - "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Without dates of its own."""
        template, joiner = "CAST(julianday(%(expressions)s) AS INTEGER)", ") - julianday("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


def slot_of_day(period: Period) -> Combinable:
    """The place in `period.slots()` of the field `day`."""
    if period.days > MOST_DAYS_BY_WEEK:
        first = period.first.year * 12 + period.first.month
        month = ExtractYear("day") * Value(12) + ExtractMonth("day") - Value(first)
        return ExpressionWrapper(month, output_field=IntegerField())
    days = DaysBetween(F("day"), Value(period.first, output_field=DateField()))
    if period.days <= MOST_DAYS_BY_DAY:
        return days
    return ExpressionWrapper(days / Value(WEEK_DAYS), output_field=IntegerField())
