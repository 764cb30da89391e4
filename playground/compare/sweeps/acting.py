"""What a person does with a sweep that exists. Callers have checked whose it is."""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import NotPossible
from playground.chat.models import Conversation
from playground.chat.services.deleting import delete_conversation, restore_conversation
from playground.compare.models import Cell, CellState, Square, Sweep, SweepState
from playground.compare.sweeps import news

ENDED_BADLY = (CellState.FAILED, CellState.STOPPED)


def pause_sweep(*, sweep: Sweep) -> None:
    """What runs goes on to its end; nothing more is sent."""
    with transaction.atomic():
        Sweep.objects.filter(pk=sweep.pk, state=SweepState.RUNNING).update(state=SweepState.PAUSED, reason={})
        transaction.on_commit(news.look, robust=True)


def stop_sweep(*, sweep: Sweep) -> None:
    """What runs is stopped, and keeps the text that arrived."""
    open_states = (SweepState.RUNNING, SweepState.PAUSED)
    with transaction.atomic():
        rows = Sweep.objects.filter(pk=sweep.pk, state__in=open_states)
        rows.update(state=SweepState.STOPPED, reason={}, is_driven=True)
        transaction.on_commit(news.look, robust=True)


def resume_sweep(*, sweep: Sweep) -> None:
    """What is left is sent. After a stop, what was stopped then is sent again."""
    with transaction.atomic():
        if sweep.state == SweepState.STOPPED:
            _wait_again(Cell.objects.filter(sweep=sweep, state=CellState.STOPPED))
        rows = Sweep.objects.filter(pk=sweep.pk, state__in=(SweepState.PAUSED, SweepState.STOPPED))
        _run(rows)


def run_again(*, sweep: Sweep) -> None:
    """The cells that failed or were stopped are sent again. Raises NotPossible when there is none."""
    with transaction.atomic():
        if not _wait_again(Cell.objects.filter(sweep=sweep, state__in=ENDED_BADLY)):
            raise NotPossible(_("No run of this sweep has failed or was stopped."))
        _run(Sweep.objects.filter(pk=sweep.pk))


def set_cap(*, sweep: Sweep, cap: Decimal | None) -> None:
    """Holds from the next run on; None takes it away."""
    Sweep.objects.filter(pk=sweep.pk).update(cap=cap)


def delete_sweep(*, sweep: Sweep) -> None:
    """Out of every list at once; what runs is stopped. Can be undone until the purge takes it with its conversation."""
    with transaction.atomic():
        open_states = (SweepState.RUNNING, SweepState.PAUSED)
        Sweep.objects.filter(pk=sweep.pk, state__in=open_states).update(state=SweepState.STOPPED, reason={})
        Sweep.objects.filter(pk=sweep.pk, deleted_at=None).update(deleted_at=timezone.now(), is_driven=True)
        delete_conversation(conversation=Conversation.objects.get(pk=sweep.conversation_id))
        transaction.on_commit(news.look, robust=True)


def restore_sweep(*, owner: User, sweep: Sweep) -> None:
    """Undo. It does not go on by itself."""
    with transaction.atomic():
        restore_conversation(owner=owner, conversation_uuid=sweep.conversation.uuid)
        Sweep.objects.filter(pk=sweep.pk).update(deleted_at=None)


def _wait_again(cells: models.QuerySet[Cell]) -> int:
    """Their answers stay in the conversation. Returns how many."""
    found = list(cells.values_list("pk", "square_id"))
    Square.objects.filter(pk__in={square for _pk, square in found}).update(is_stale=True)
    return Cell.objects.filter(pk__in=[pk for pk, _square in found]).update(
        state=CellState.WAITING, answer=None, problem="", results=[]
    )


def _run(rows: models.QuerySet[Sweep]) -> None:
    rows.update(state=SweepState.RUNNING, reason={}, is_driven=True, updated_at=timezone.now())
    transaction.on_commit(news.look, robust=True)
