"""Adding entries to the sums of their day, and adding everything up anew."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from playground.lib.money import MoneyField
from playground.usage.latency import bucket_of
from playground.usage.models import DailyLatency, DailyUsage, EntryKind, LedgerEntry

_USAGE_KEY = ("day", "owner_id", "model_name", "source", "key", "preset")
_USAGE_SUMS = (
    "runs",
    "failed_runs",
    "stopped_runs",
    "interrupted_runs",
    "estimated_runs",
    "unpriced_runs",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "duration_ms",
    "amount",
    "estimated_amount",
)
_LATENCY_KEY = ("day", "model_name", "source", "bucket")
_ROWS_A_STATEMENT = 40  # SQLite takes 999 values in a statement at the least
_ENTRIES_AT_ONCE = 2000


def add_up(entries: Sequence[LedgerEntry]) -> None:
    """Add `entries` to the sums of their days, in the caller's transaction. Two statements for up to 40 kinds of runs.

    In one order everywhere, so that transactions which add to the same rows wait for each other and do not lock up.
    """
    usage: dict[tuple[Any, ...], dict[str, Any]] = {}
    latency: dict[tuple[Any, ...], int] = {}
    for entry in entries:
        key = tuple(getattr(entry, name) for name in _USAGE_KEY)
        sums = usage.setdefault(key, dict.fromkeys(_USAGE_SUMS, 0) | {"provider": entry.provider})
        for name, value in sums_of(entry).items():
            sums[name] += value
        if entry.kind == EntryKind.RUN and entry.first_token_ms is not None:
            place = (entry.day, entry.model_name, entry.source, bucket_of(entry.first_token_ms))
            latency[place] = latency.get(place, 0) + 1
    rows = [(*key, *(usage[key][name] for name in ("provider", *_USAGE_SUMS))) for key in _sorted(usage)]
    _add(DailyUsage, _USAGE_KEY, ("provider",), _USAGE_SUMS, rows)
    _add(DailyLatency, _LATENCY_KEY, (), ("runs",), [(*place, latency[place]) for place in _sorted(latency)])


def sums_of(entry: LedgerEntry) -> dict[str, Any]:
    """What one entry adds to the sums of its day."""
    amount = entry.amount if entry.amount is not None else Decimal(0)
    if entry.kind == EntryKind.CORRECTION:
        was_unpriced = entry.corrects is not None and entry.corrects.amount is None
        return {"amount": amount, "unpriced_runs": -1 if was_unpriced else 0} | (
            {"estimated_amount": amount} if entry.is_estimated else {}
        )
    return {
        "runs": 1,
        "failed_runs": int(entry.status == "failed"),
        "stopped_runs": int(entry.status == "stopped"),
        "interrupted_runs": int(entry.status == "interrupted"),
        "estimated_runs": int(entry.is_estimated),
        "unpriced_runs": int(entry.amount is None),
        "prompt_tokens": entry.prompt_tokens or 0,
        "cached_tokens": entry.cached_tokens or 0,
        "completion_tokens": entry.completion_tokens or 0,
        "reasoning_tokens": entry.reasoning_tokens or 0,
        "duration_ms": entry.duration_ms or 0,
        "amount": amount,
        "estimated_amount": amount if entry.is_estimated else Decimal(0),
    }


def rebuild(first: datetime.date, last: datetime.date) -> None:
    """Add up the days from `first` to `last` anew from the ledger. The sums are exact without it; it is what proves them."""
    with transaction.atomic():
        DailyUsage.objects.filter(day__range=(first, last)).delete()
        DailyLatency.objects.filter(day__range=(first, last)).delete()
        rows = LedgerEntry.objects.filter(day__range=(first, last)).select_related("corrects").order_by("id")
        entries = rows.iterator(_ENTRIES_AT_ONCE)
        while some := list(islice(entries, _ENTRIES_AT_ONCE)):
            add_up(some)


def _sorted(keys: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return iter(sorted(keys, key=lambda key: tuple((value is None, value) for value in key)))


def _add(
    model: type[models.Model],
    key: Sequence[str],
    fixed: Sequence[str],
    sums: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert `rows`, or add their sums to the rows that are there: both databases spell it alike.

    https://www.sqlite.org/lang_upsert.html, https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)  # noqa: SLF001 - documented, https://docs.djangoproject.com/en/5.2/ref/models/meta/
    names = [*key, *fixed, *sums]
    prepare = _preparers(model, names)
    prepared = [[one(value) for one, value in zip(prepare, row, strict=True)] for row in rows]
    added = ", ".join(f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in sums)
    for start in range(0, len(prepared), _ROWS_A_STATEMENT):
        some = prepared[start : start + _ROWS_A_STATEMENT]
        marks = ", ".join(["({})".format(", ".join(["%s"] * len(names)))] * len(some))
        statement = (
            f"INSERT INTO {table} ({', '.join(map(quote, names))}) VALUES {marks} "  # noqa: S608 - our own names alone
            f"ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {added}"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for row in some for value in row])


def _preparers(model: type[models.Model], names: Sequence[str]) -> list[Callable[[Any], Any]]:
    """How a value of each of these columns goes to the database."""
    fields = {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001
    return [
        field.get_prep_value
        if isinstance(field, MoneyField)
        else partial(field.get_db_prep_value, connection=connection)
        for field in map(fields.__getitem__, names)
    ]
