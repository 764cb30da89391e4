"""Writing the end of a run: once, by whoever holds it, together with what its source makes of it and what it cost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from playground.runs import records
from playground.runs.ending import count
from playground.runs.live import Outcome
from playground.runs.models import ACTIVE, Run, RunPiece, RunStatus
from playground.runs.sources import source_of
from playground.usage.ledger import record
from playground.usage.spending import Spending

log = logging.getLogger(__name__)


def write_outcomes(endings: Sequence[tuple[Run, Outcome]], *, owner: str) -> int:
    """Move runs to their final state, tell their sources and write what they cost, in the caller's transaction. Returns how many.

    A run that already ended is left out: a reaper took it over, or it was deleted. Whoever came first has won. What waits for
    these ends goes on last: the money that was held is free by then, and every transaction locks conversations before budgets.
    """
    written = [(run, outcome) for run, outcome in endings if _write(run, outcome, owner)]
    record([_spending(run, outcome) for run, outcome in written])
    for run, _outcome in written:
        source_of(run).proceed(run)
    return len(written)


def _write(run: Run, outcome: Outcome, owner: str) -> bool:
    completed = outcome.completed
    row: dict[str, Any] = {
        "status": outcome.status,
        "text": outcome.text,
        "reasoning": outcome.reasoning,
        "error": outcome.error,
        "prompt_tokens": outcome.prompt_tokens,
        "cached_tokens": outcome.cached_tokens,
        "completion_tokens": outcome.completion_tokens,
        "is_estimated": outcome.is_estimated,
        "first_token_ms": outcome.first_token_ms,
        "duration_ms": outcome.duration_ms,
        "finished_at": timezone.now(),
        "lease_until": None,
    }
    if completed is None and outcome.resolved_model:
        row["resolved_model"] = outcome.resolved_model[:250]
    if completed is not None:
        row |= {
            "response": completed.response,
            "finish_reason": completed.finish_reason[:40],
            "resolved_model": completed.resolved_model[:250],
            "system_fingerprint": completed.system_fingerprint[:120],
        }
    if not Run.objects.filter(pk=run.pk, status__in=ACTIVE, lease_owner=owner).update(**row):
        return False
    for name, value in row.items():
        setattr(run, name, value)
    RunPiece.objects.filter(run=run).delete()
    source_of(run).finished(run, outcome.digest)
    return True


def interrupt_abandoned(abandoned: Q) -> int:
    """Mark active runs matching `abandoned` as interrupted, with the text that was saved. Returns how many."""
    reaped = 0
    for run in Run.objects.active().filter(abandoned).select_related("model__provider", "owner"):
        outcome = _last_known(run)
        with transaction.atomic():
            # Its owner may have come back meanwhile, and have saved more.
            if not Run.objects.filter(abandoned, pk=run.pk, status__in=ACTIVE).update(lease_owner=run.lease_owner):
                continue
            outcome.text, outcome.reasoning = _saved(run)
            reaped += write_outcomes([(run, outcome)], owner=run.lease_owner)
    records.reaped(reaped)
    return reaped


def _last_known(run: Run) -> Outcome:
    """What the database knows of a run whose process died, its tokens counted: outside of a transaction, for that may take its time."""
    outcome = Outcome(RunStatus.INTERRUPTED, *_saved(run))
    if run.started_at is not None:  # it may have been sent
        count(run, outcome)
    return outcome


def _saved(run: Run) -> tuple[str, str]:
    """The text and the reasoning of `run` up to its last checkpoint. One query."""
    pieces = list(RunPiece.objects.filter(run=run).order_by("number"))
    return "".join(piece.text for piece in pieces), "".join(piece.reasoning for piece in pieces)


def _spending(run: Run, outcome: Outcome) -> Spending:
    completed = outcome.completed
    usage = completed.usage if completed else outcome.reported
    return Spending(
        run=run.uuid,
        ran_at=run.created_at,
        owner=run.owner_id,
        owner_name=run.owner.get_username(),
        source=run.source,
        model=run.model_id,
        model_name=run.model_name,
        status=outcome.status,
        was_sent=outcome.prompt_tokens is not None or outcome.completion_tokens is not None,
        resolved_model=run.resolved_model,
        prompt_tokens=outcome.prompt_tokens,
        cached_tokens=outcome.cached_tokens,
        completion_tokens=outcome.completion_tokens,
        usage=usage.raw if usage else None,
        is_estimated=outcome.is_estimated,
        first_token_ms=outcome.first_token_ms,
        duration_ms=outcome.duration_ms,
    )
