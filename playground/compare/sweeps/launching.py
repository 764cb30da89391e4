"""Starting a cell: one transaction for its claim, its answer and its run, so that it is never sent twice."""

from __future__ import annotations

import enum
import time
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from playground.chat.errors import InvalidInput, OverBudget, TooFast
from playground.chat.estimating import worst_cost
from playground.chat.services.answers import add_answer
from playground.chat.services.context import Prompt, check_context
from playground.chat.services.paying import claim_for
from playground.compare.models import Cell, CellState, Square, Sweep, SweepState
from playground.compare.sweeps import wording
from playground.compare.sweeps.combining import filling_of, prompt_of, setting_at
from playground.compare.sweeps.hand import Hand
from playground.compare.sweeps.plan import Place
from playground.lib.money import rounded
from playground.runs.models import Run
from playground.usage.budgets import Claim
from playground.usage.models import LedgerEntry


class Launch(enum.Enum):
    SENT = enum.auto()
    PASSED_OVER = enum.auto()  # it failed before it was sent, or somebody else has it
    NOT_NOW = enum.auto()  # nothing more may start at the moment


def launch(sweep: Sweep, cell: Cell, hand: Hand) -> Launch:
    """`cell` with its square and question loaded. What holds for all cells pauses the sweep."""
    try:
        prompt = _prompt(sweep, cell, hand)
        worst = (
            worst_cost(prompt.prepared.model, prompt.count, prompt.prepared.values) if sweep.cap is not None else None
        )
        if worst is not None and not _has_room(sweep, worst):
            return Launch.NOT_NOW
        paid = claim_for(sweep.owner, prompt)
    except TooFast as error:
        if error.retry_after_s is None:
            return _give_up(cell, str(error.errors[0].message))
        hand.not_before = time.monotonic() + error.retry_after_s
        return Launch.NOT_NOW
    except InvalidInput as error:
        return _give_up(cell, " ".join(problem.message for problem in error.errors))
    try:
        return Launch.SENT if _send(sweep, cell, prompt, paid, worst) else Launch.PASSED_OVER
    except OverBudget as error:
        pause(sweep, {"message": error.errors[0].message})
        return Launch.NOT_NOW


def pause(sweep: Sweep, reason: dict[str, object]) -> None:
    """It waits for a person, and says why."""
    Sweep.objects.filter(pk=sweep.pk, state=SweepState.RUNNING).update(state=SweepState.PAUSED, reason=reason)
    sweep.state = SweepState.PAUSED


def spent_of(sweep: Sweep) -> Decimal:
    """Dollars of all attempts so far, corrections included. One query."""
    runs = Run.objects.filter(message__conversation=sweep.conversation_id).values("uuid")
    total = LedgerEntry.objects.filter(run__in=runs).aggregate(total=Sum("amount"))["total"]
    return Decimal(0) if total is None else total


def _prompt(sweep: Sweep, cell: Cell, hand: Hand) -> Prompt:
    kit, square = hand.kit_of(sweep), cell.square
    setting = setting_at(kit, Place(square.input, square.y, square.x))
    prompt = prompt_of(kit, setting, filling_of(kit, setting), hand.turns(square.question))
    check_context(prompt, conversation=None)
    return prompt


def _has_room(sweep: Sweep, worst: Decimal) -> bool:
    """Whether the cap still holds when everything that runs, and one more of `worst`, costs the most it can."""
    if sweep.cap is None:
        return True
    spent = spent_of(sweep)
    running = Cell.objects.filter(sweep=sweep, state=CellState.RUNNING)
    held = running.aggregate(held=Sum("worst"))["held"] or Decimal(0)
    if spent + held + worst <= sweep.cap:
        return True
    if not running.exists():  # nothing will become cheaper than feared
        figures = {"spent": _dollars(spent), "cap": _dollars(sweep.cap), "next": _dollars(worst)}
        pause(sweep, wording.reason(wording.CAP_REACHED, **figures))
    return False


def _dollars(amount: Decimal) -> str:
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def _send(sweep: Sweep, cell: Cell, prompt: Prompt, paid: Claim, worst: Decimal | None) -> bool:
    """False when the cell is not waiting any more. Raises OverBudget, and then nothing has happened."""
    with transaction.atomic():
        if not Sweep.objects.filter(pk=sweep.pk, lease_owner=sweep.lease_owner, state=SweepState.RUNNING).exists():
            return False
        waiting = Cell.objects.filter(pk=cell.pk, state=CellState.WAITING)
        if not waiting.update(state=CellState.RUNNING, attempts=F("attempts") + 1, problem=""):
            return False
        answer = add_answer(
            owner=sweep.owner,
            conversation=sweep.conversation,
            parent=cell.square.question,
            prepared=prompt.prepared,
            request_id=f"s-{sweep.uuid.hex}-{cell.number}-{cell.attempts + 1}",
            paid=paid,
        )
        Cell.objects.filter(pk=cell.pk).update(answer=answer, worst=None if worst is None else rounded(worst))
        Square.objects.filter(pk=cell.square_id).update(is_stale=True)
    return True


def _give_up(cell: Cell, problem: str) -> Launch:
    """It cannot be sent as it is; the others may."""
    waiting = Cell.objects.filter(pk=cell.pk, state=CellState.WAITING)
    if waiting.update(state=CellState.FAILED, problem=problem[:500]):
        Square.objects.filter(pk=cell.square_id).update(is_stale=True)
    return Launch.PASSED_OVER
