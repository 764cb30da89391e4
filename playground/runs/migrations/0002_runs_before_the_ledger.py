"""Runs that ended before there was a ledger get their entries."""

from itertools import islice

from django.db import migrations

AT_ONCE = 500
ENDED = ("completed", "stopped", "failed", "interrupted")


def enter(apps, schema_editor):
    # The functions of today: what this writes must equal what they write. A later change of theirs comes with a migration
    # of its own, and by then these runs have their entries.
    from playground.usage.ledger import record
    from playground.usage.spending import Spending

    runs = apps.get_model("runs", "Run").objects.filter(status__in=ENDED).select_related("owner").order_by("pk")
    runs = runs.defer("text", "reasoning", "receipt", "request").iterator(AT_ONCE)
    while some := list(islice(runs, AT_ONCE)):
        record([_spending(Spending, run) for run in some])


def _spending(spending, run):
    usage = (run.response or {}).get("usage")
    return spending(
        run=run.uuid,
        ran_at=run.created_at,
        owner=run.owner_id,
        owner_name=run.owner.username,
        source=run.source,
        model=run.model_id,
        model_name=run.model_name,
        status=run.status,
        was_sent=run.prompt_tokens is not None or run.completion_tokens is not None,
        resolved_model=run.resolved_model,
        prompt_tokens=run.prompt_tokens,
        cached_tokens=run.cached_tokens,
        completion_tokens=run.completion_tokens,
        usage=usage if isinstance(usage, dict) else None,
        is_estimated=run.is_estimated,
        first_token_ms=run.first_token_ms,
        duration_ms=run.duration_ms,
    )


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial"), ("usage", "0002_entries_never_change")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
