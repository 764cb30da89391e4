"""One step of a sweep's driver, in a worker thread: what ended is worked out, what may start is started."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from playground.chat.errors import InvalidInput
from playground.compare.models import Cell, CellState, Square, Sweep, SweepState
from playground.compare.sweeps import wording
from playground.compare.sweeps.hand import Hand
from playground.compare.sweeps.launching import Launch, launch, pause
from playground.compare.sweeps.settling import settle
from playground.runs.models import Run
from playground.runs.services import spare_places, stop_run

LEASE_S = 15.0
MOST_LAUNCHED = 50  # in one step, so that the lease is renewed in time


def claim_sweeps(owner: str, *, is_alone: bool) -> list[Sweep]:
    """Take on what nobody drives. With `is_alone` there is one process on this data, so any other owner is dead."""
    now = timezone.now()
    free = Q(lease_until__lt=now) | Q(lease_until=None)
    if is_alone:
        free |= ~Q(lease_owner=owner)
    taken = []
    for sweep in Sweep.objects.filter(free, is_driven=True):
        rows = Sweep.objects.filter(free, pk=sweep.pk, is_driven=True)
        if rows.update(lease_owner=owner, lease_until=now + timedelta(seconds=LEASE_S)):
            # Whoever had it before may have died between reading cells and writing what they add up to.
            Square.objects.filter(sweep=sweep).update(is_stale=True)
            taken.append(sweep)
    return taken


def release_sweeps(owner: str) -> None:
    """Others may go on at once."""
    Sweep.objects.filter(lease_owner=owner).update(lease_until=None, lease_owner="")


def step(pk: int, owner: str, hand: Hand) -> bool:
    """False when there is nothing left to do here: done, paused with nothing running, gone, or somebody else's."""
    renewed = Sweep.objects.filter(pk=pk, lease_owner=owner, is_driven=True)
    if not renewed.update(lease_until=timezone.now() + timedelta(seconds=LEASE_S)):
        return False
    sweep = Sweep.objects.select_related("owner", "conversation").get(pk=pk)
    has_more = settle(sweep) > 0
    if sweep.is_running:
        _judge(sweep, hand)
    if sweep.is_running:
        has_more = _launch_some(sweep, hand) or has_more
        _tell_pace(sweep, hand)
    if sweep.state == SweepState.STOPPED or sweep.deleted_at is not None:
        _stop_runs(sweep)
    return has_more or not _conclude(sweep)


def _judge(sweep: Sweep, hand: Hand) -> None:
    """Pause it when going on would only fail."""
    if not sweep.owner.is_active:
        pause(sweep, wording.reason(wording.SUSPENDED))
    elif sweep.deleted_at is not None:
        Sweep.objects.filter(pk=sweep.pk).update(state=SweepState.STOPPED)
        sweep.state = SweepState.STOPPED
    elif hand.is_blocked:
        pause(sweep, wording.reason(wording.CELLS_FAIL, count=hand.blocked, reason=hand.blocking))
        hand.begin_anew()
    elif hand.is_refused:
        pause(sweep, wording.reason(wording.REFUSED))
        hand.begin_anew()
    else:
        try:
            hand.kit_of(sweep)
        except InvalidInput as error:
            pause(sweep, wording.reason(wording.OUT_OF_REACH, reason=error.errors[0].message))


def _launch_some(sweep: Sweep, hand: Hand) -> bool:
    """True when it was worth while, so that there may be more."""
    running = Cell.objects.filter(sweep=sweep, state=CellState.RUNNING).count()
    places = min(hand.places(running), spare_places(), MOST_LAUNCHED)
    if places <= 0:
        return False
    waiting = Cell.objects.filter(sweep=sweep, state=CellState.WAITING).select_related("square__question")
    passed_over = False
    for cell in waiting.order_by("number")[:places]:
        outcome = launch(sweep, cell, hand)
        if outcome is Launch.NOT_NOW:
            return False
        passed_over = passed_over or outcome is Launch.PASSED_OVER
    return passed_over


def _tell_pace(sweep: Sweep, hand: Hand) -> None:
    """Say that it is slow, and no longer when it is not."""
    slow = wording.reason(wording.SLOWER, allowed=hand.throttle.allowed) if hand.throttle.is_slow else {}
    if sweep.is_running and slow != sweep.reason:
        Sweep.objects.filter(pk=sweep.pk, state=SweepState.RUNNING).update(reason=slow)


def _stop_runs(sweep: Sweep) -> None:
    for run in Run.objects.active().filter(message__cell__sweep=sweep, stop_requested_at=None):
        stop_run(run)


def _conclude(sweep: Sweep) -> bool:
    """True when nothing is left to wait for, and then it is written down."""
    cells = Cell.objects.filter(sweep=sweep)
    if cells.filter(state=CellState.RUNNING).exists() or Square.objects.filter(sweep=sweep, is_stale=True).exists():
        return False
    state = sweep.state
    if sweep.is_running:
        if cells.filter(state=CellState.WAITING).exists():
            return False
        state = SweepState.DONE
    mine = Sweep.objects.filter(pk=sweep.pk, lease_owner=sweep.lease_owner, state=sweep.state)
    changes: dict[str, object] = {"reason": {}} if state == SweepState.DONE else {}
    return bool(mine.update(state=state, is_driven=False, lease_owner="", lease_until=None, **changes))
