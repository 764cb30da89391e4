"""How long first tokens took: counts by bucket, from the daily latencies, or from entries where those cannot be asked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Case, Count, ExpressionWrapper, F, FloatField, IntegerField, Sum, Value, When
from django.db.models.functions import Cast, Floor, Ln

from playground.review.selection import Selection
from playground.review.slots import slot_of_day
from playground.usage.latency import STEPS_PER_DOUBLING, percentile
from playground.usage.models import DailyLatency

Key = TypeVar("Key", bound=Hashable)
# As latency.bucket_of has it: no duration lies on the edge of two buckets, so it matters not which way halves are rounded.
BUCKET = Case(
    When(first_token_ms__lte=0, then=Value(0)),
    default=Cast(
        Floor(
            ExpressionWrapper(
                Ln(Cast(F("first_token_ms"), FloatField())) * Value(STEPS_PER_DOUBLING / math.log(2)) + Value(0.5),
                output_field=FloatField(),
            )
        ),
        IntegerField(),
    )
    + Value(1),
    output_field=IntegerField(),
)


@dataclass(slots=True)
class Waits:
    """How many runs fell into each bucket."""

    counts: Counter[int] = field(default_factory=Counter)

    @property
    def p50(self) -> int | None:
        return percentile(self.counts, 0.5)

    @property
    def p95(self) -> int | None:
        return percentile(self.counts, 0.95)


def load_waits(selection: Selection, *by: str) -> list[tuple[Any, ...]]:
    """(values of `by`, bucket, runs). One query. `by`: "slot" of the period, "model_name", "source"."""
    slot = slot_of_day(selection.period)
    if selection.filters.are_of_people:
        entries = selection.entries().filter(first_token_ms__isnull=False).annotate(slot=slot, bucket=BUCKET)
        return list(entries.values_list(*by, "bucket").annotate(number=Count("id")))
    days = (selection.period.first, selection.period.last)
    latencies = DailyLatency.objects.filter(day__range=days).order_by()
    filters = selection.filters
    if filters.model is not None:
        latencies = latencies.filter(model_name=filters.model)
    if filters.provider is not None:
        latencies = latencies.filter(model_name__startswith=f"{filters.provider}/")
    if filters.source is not None:
        latencies = latencies.filter(source=filters.source)
    return list(latencies.annotate(slot=slot).values_list(*by, "bucket").annotate(number=Sum("runs")))


def waits_by(rows: Iterable[tuple[Any, ...]], key: Callable[[tuple[Any, ...]], Key]) -> Mapping[Key, Waits]:
    """The counts of `rows` of load_waits, added up by what `key` makes of a row."""
    found: dict[Key, Waits] = {}
    for row in rows:
        found.setdefault(key(row), Waits()).counts[row[-2]] += row[-1]
    return found


def all_waits(rows: Iterable[tuple[Any, ...]]) -> Waits:
    waits = Waits()
    for row in rows:
        waits.counts[row[-2]] += row[-1]
    return waits
