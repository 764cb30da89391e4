"""Writing the end of a run: once, by whoever holds it, together with what its source makes of it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from playground.runs import records
from playground.runs.live import Outcome
from playground.runs.models import ACTIVE, Run, RunPiece, RunStatus
from playground.runs.sources import source_of

log = logging.getLogger(__name__)


def write_outcome(run: Run, outcome: Outcome, *, owner: str) -> bool:
    """Move `run` to its final state and tell its source, in the caller's transaction.

    False when the run already ended: a reaper took it over, or it was deleted. Whoever came first has won.
    """
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
    _settle(run, outcome.digest)
    return True


def interrupt_abandoned(abandoned: Q) -> int:
    """Mark active runs matching `abandoned` as interrupted, with the text that was saved. Returns how many."""
    count = 0
    for pk in Run.objects.active().filter(abandoned).values_list("pk", flat=True):
        with transaction.atomic():
            pieces = list(RunPiece.objects.filter(run_id=pk).order_by("number"))
            count += Run.objects.filter(abandoned, pk=pk, status__in=ACTIVE).update(
                status=RunStatus.INTERRUPTED,
                text="".join(piece.text for piece in pieces),
                reasoning="".join(piece.reasoning for piece in pieces),
                finished_at=timezone.now(),
                lease_until=None,
            ) and _settle(Run.objects.select_related("model__provider", "owner").get(pk=pk))
    records.reaped(count)
    return count


def _settle(run: Run, digest: Any = None) -> int:
    RunPiece.objects.filter(run=run).delete()
    source_of(run).finished(run, digest)
    return 1
