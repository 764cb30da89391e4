"""The door to the run engine: what the faces call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.runs.lifecycle import engine
from playground.runs.log import Batch, LogGone, is_end
from playground.runs.models import ACTIVE, Run
from playground.runs.writer import LEASE_S
from playground.usage.budgets import Claim, claim, hold
from playground.usage.worst_case import worst_of_model

__all__ = [
    "DuplicateRequest",
    "LogGone",
    "attached",
    "can_accept",
    "create_run",
    "follow",
    "has_news",
    "spare_places",
    "start_run",
    "stop_run",
    "stop_runs_of",
]


class DuplicateRequest(Exception):
    """This owner has sent this request id before; `run` is what came of it."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"request {run.request_id} was already sent")
        self.run = run


def create_run(
    *,
    owner: User,
    source: str,
    model: Model,
    request_id: str,
    request: dict[str, Any],
    receipt: dict[str, Any],
    preset: str = "",
    paid: Claim | None = None,
) -> Run:
    """The row of a run that is about to start, within the caller's transaction. Raises DuplicateRequest, BudgetRefused.

    `request` is the body without its messages; `preset` is "slug@number". What the run may cost at most is held from now on until it ends: `paid` says from
    which budgets and how much; without it, the most that the model can cost. One insert, and a look-up when the id is a known
    one; a few more where budgets apply.
    """
    if paid is None:
        paid = claim(owner=owner, worst_case=lambda: worst_of_model(model, timezone.now().date()))
    try:
        with transaction.atomic():
            run = Run.objects.create(
                owner=owner,
                source=source,
                model=model,
                model_name=model.public_name,
                request_id=request_id,
                request=request,
                receipt=receipt,
                preset=preset,
                lease_owner=engine().process_id,
                lease_until=timezone.now() + timedelta(seconds=LEASE_S),
            )
            _hold(paid, run)
            return run
    except IntegrityError:
        earlier = Run.objects.filter(owner=owner, request_id=request_id).first()
        if earlier is None:
            raise
        raise DuplicateRequest(earlier) from None


def _hold(paid: Claim, run: Run) -> None:
    """The day that pays is the day on which the ledger will count it, also at midnight and with a clock that is wrong."""
    moment = hold(paid, run=run.uuid)
    if moment is not None and moment.date() != run.created_at.astimezone(UTC).date():
        run.created_at = moment
        run.save(update_fields=["created_at"])


def can_accept() -> bool:
    """False when a new run would be refused: no place left to run or to wait, or the server is going down."""
    return engine().can_accept


def spare_places() -> int:
    """How many runs may start here now for which nobody waits: half of the places are kept for people. 0 or less: none."""
    return engine().spare_places


def start_run(run: Run) -> None:
    """Begin `run` in this process. Call it when the row is committed."""
    engine().submit(run)


def stop_run(run: Run) -> None:
    """Ask for `run` to stop, wherever it is carried; its text is kept. Nothing happens when it has ended."""
    if Run.objects.filter(pk=run.pk, status__in=ACTIVE, stop_requested_at=None).update(
        stop_requested_at=timezone.now()
    ):
        engine().request_stop(run.uuid, process=run.lease_owner)


def stop_runs_of(owner: int) -> None:
    """Ask for every run of the person with the key `owner` to stop, wherever it is carried."""
    for run in Run.objects.active().filter(owner=owner):
        stop_run(run)


@asynccontextmanager
async def attached(run: UUID) -> AsyncIterator[None]:
    """`follow` and `has_news` work within, whichever process carries `run`. Raises LogGone when only its row is left."""
    log = engine().log
    await log.attach(run)
    try:
        yield
    finally:
        log.detach(run)


def has_news(run: UUID, *, after: int) -> bool:
    """Whether `follow` would return something at once. Raises LogGone."""
    return bool(engine().log.read(run, after).events)


async def follow(run: UUID, *, after: int = 0) -> AsyncGenerator[Batch]:
    """Batches of events behind offset `after` until the run has finished. Raises LogGone when only its row is left.

    Within `attached` where another process may carry the run. Takes whatever is new at each turn: a caller that is slow to ask for the next batch gets a bigger one.
    """
    log = engine().log
    offset = after
    while True:
        await log.wait(run, offset)
        batch = log.read(run, offset)
        offset = batch.offset
        yield batch
        if is_end(batch):
            return
