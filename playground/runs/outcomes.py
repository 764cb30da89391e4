"""Writing the end of a run: once, by whoever holds it, together with what its source makes of it and what it cost."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any

from django.db import DatabaseError, transaction
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

REAPED_AT_ONCE = 25  # in one transaction: others wait for it on SQLite
Saved = tuple[str, str]


def write_outcomes(endings: Sequence[tuple[Run, Outcome]], *, owner: str) -> int:
    """Move runs to their final state, tell their sources and write what they cost, in the caller's transaction. Returns how many.

    A run that already ended is left out: a reaper took it over, or it was deleted. Whoever came first has won. What waits for
    these ends goes on last: the money that was held is free by then, and every transaction locks conversations before budgets.
    """
    written = [(run, outcome) for run, outcome in endings if _write(run, outcome, owner)]
    RunPiece.objects.filter(run__in=[run.pk for run, _outcome in written]).delete()
    for run, outcome in written:
        source_of(run).finished(run, outcome.digest)
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
    return True


def interrupt_abandoned(abandoned: Q) -> int:
    """Mark active runs matching `abandoned` as interrupted, with the text that was saved. Returns how many."""
    rows = (
        Run.objects.active().filter(abandoned).select_related("model__provider", "owner").order_by("lease_owner", "pk")
    )
    reaped = 0
    for owner, runs in groupby(rows, key=lambda run: run.lease_owner):
        while some := list(islice(runs, REAPED_AT_ONCE)):
            reaped += _interrupt(some, abandoned, owner)
    records.reaped(reaped)
    return reaped


def _interrupt(runs: Sequence[Run], abandoned: Q, owner: str) -> int:
    """End those of `runs`, all of one process, that are abandoned still: in one transaction. A bad one does not hold up the others."""
    # Outside of the transaction, for counting tokens may take its time.
    outcomes = {run.pk: _last_known(run, saved) for run, saved in _saved(runs)}
    try:
        with transaction.atomic():
            # Their owner may have come back meanwhile, and have saved more.
            still = Run.objects.active().filter(abandoned, pk__in=outcomes).select_for_update()
            left = set(still.values_list("pk", flat=True))
            endings = []
            for run, saved in _saved([run for run in runs if run.pk in left]):
                outcomes[run.pk].text, outcomes[run.pk].reasoning = saved
                endings.append((run, outcomes[run.pk]))
            return write_outcomes(endings, owner=owner)
    except DatabaseError:  # it is away, or locked: the next round tries again
        raise
    except Exception:
        log.exception("The end of %d abandoned runs could not be written", len(runs))
        if len(runs) == 1:
            return 0
    return sum(_interrupt([run], abandoned, owner) for run in runs)


def _last_known(run: Run, saved: Saved) -> Outcome:
    """What the database knows of a run whose process died, its tokens counted."""
    outcome = Outcome(RunStatus.INTERRUPTED, *saved)
    if run.started_at is not None:  # it may have been sent
        count(run, outcome)
    return outcome


def _saved(runs: Sequence[Run]) -> list[tuple[Run, Saved]]:
    """Each of `runs` with its text and reasoning up to the last checkpoint. One query."""
    pieces: dict[int, list[RunPiece]] = {run.pk: [] for run in runs}
    for piece in RunPiece.objects.filter(run__in=list(pieces)).order_by("run_id", "number"):
        pieces[piece.run_id].append(piece)
    return [
        (run, ("".join(one.text for one in pieces[run.pk]), "".join(one.reasoning for one in pieces[run.pk])))
        for run in runs
    ]


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
        preset=run.preset,
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
