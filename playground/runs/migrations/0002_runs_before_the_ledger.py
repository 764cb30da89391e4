"""Runs that ended before there was a ledger get their entries, and the days their sums.

Written against the tables of this moment, and with nothing of today's but plain arithmetic: what records a run may ask more of
the database later than it has when this runs.
"""

from itertools import islice

from django.db import migrations

from playground.lib.money import rounded
from playground.usage.latency import bucket_of
from playground.usage.pricing import cost_of

AT_ONCE = 500
ENDED = ("completed", "stopped", "failed", "interrupted")
KEY = ("day", "owner_id", "model_name", "source", "key", "preset")
SUMS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "duration_ms")


def enter(apps, schema_editor):
    runs = apps.get_model("runs", "Run").objects.filter(status__in=ENDED).select_related("owner").order_by("pk")
    if not runs.exists():
        return
    entries = apps.get_model("usage", "LedgerEntry")
    prices = {}
    for price in apps.get_model("catalog", "Price").objects.order_by("-starts_on"):
        prices.setdefault(price.model_id, []).append(price)
    usage, latency = {}, {}
    rows = runs.defer("text", "reasoning", "receipt", "request").iterator(AT_ONCE)
    while some := [_entry(entries, run, prices) for run in islice(rows, AT_ONCE)]:
        entries.objects.bulk_create(some)
        for entry in some:
            _add(apps, entry, usage, latency)
    apps.get_model("usage", "DailyUsage").objects.bulk_create(usage.values(), batch_size=AT_ONCE)
    apps.get_model("usage", "DailyLatency").objects.bulk_create(latency.values(), batch_size=AT_ONCE)


def _entry(entries, run, prices):
    day = run.created_at.date()
    was_sent = run.prompt_tokens is not None or run.completion_tokens is not None
    price = next((one for one in prices.get(run.model_id, ()) if one.starts_on <= day), None)
    tokens = (run.prompt_tokens or 0, run.cached_tokens or 0, run.completion_tokens or 0)
    reported = (run.response or {}).get("usage")
    return entries(
        kind="run",
        run=run.uuid,
        ran_at=run.created_at,
        day=day,
        owner_id=run.owner_id,
        owner_name=run.owner.username,
        source=run.source,
        provider=run.model_name.partition("/")[0],
        model_name=run.model_name,
        resolved_model=run.resolved_model,
        status=run.status,
        prompt_tokens=run.prompt_tokens,
        cached_tokens=run.cached_tokens,
        completion_tokens=run.completion_tokens,
        usage=reported if isinstance(reported, dict) else None,
        is_estimated=run.is_estimated,
        price_id=price.pk if price else None,
        input_price=price.input if price else None,
        cached_price=price.cached_input if price else None,
        output_price=price.output if price else None,
        amount=(rounded(cost_of(price, *tokens)) if price else None) if was_sent else 0,
        first_token_ms=run.first_token_ms,
        duration_ms=run.duration_ms,
    )


def _add(apps, entry, usage, latency):
    key = tuple(getattr(entry, name) for name in KEY)
    if key not in usage:
        usage[key] = apps.get_model("usage", "DailyUsage")(provider=entry.provider, **dict(zip(KEY, key, strict=True)))
    row = usage[key]
    row.runs += 1
    row.failed_runs += entry.status == "failed"
    row.stopped_runs += entry.status == "stopped"
    row.interrupted_runs += entry.status == "interrupted"
    row.estimated_runs += entry.is_estimated
    row.unpriced_runs += entry.amount is None
    for name in SUMS:
        setattr(row, name, getattr(row, name) + (getattr(entry, name) or 0))
    row.amount += entry.amount or 0
    row.estimated_amount += (entry.amount or 0) if entry.is_estimated else 0
    if entry.first_token_ms is not None:
        place = (entry.day, entry.model_name, entry.source, bucket_of(entry.first_token_ms))
        if place not in latency:
            names = ("day", "model_name", "source", "bucket")
            latency[place] = apps.get_model("usage", "DailyLatency")(**dict(zip(names, place, strict=True)))
        latency[place].runs += 1


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_initial"),
        ("usage", "0002_entries_never_change"),
    ]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
