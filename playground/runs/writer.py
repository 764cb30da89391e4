"""The one thread of a process that writes runs to the database while they go on and when they end.

About once a second one transaction saves what all running answers gained, as appended pieces, and renews their leases; an
ended run is written at once. Nothing is dropped when the database is away: marks move only after a commit, and an end that
could not be written is tried again until it can be.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from playground.runs import records
from playground.runs.live import LiveRun, Outcome
from playground.runs.models import ACTIVE, Run, RunPiece
from playground.runs.outcomes import write_outcomes

log = logging.getLogger(__name__)

CHECKPOINT_S = 1.0
LEASE_S = 15.0
RETRY_S = 0.5  # after the database refused


@dataclass(slots=True)
class _Ending:
    live: LiveRun
    outcome: Outcome
    written: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop


class CheckpointWriter:
    """Start it with the engine, stop it after the last run has ended."""

    def __init__(self, *, owner: str, on_stop_requested: Callable[[UUID], None]) -> None:
        self._owner = owner
        self._on_stop_requested = on_stop_requested
        self._live: dict[int, LiveRun] = {}
        self._endings: list[_Ending] = []
        self._wake = threading.Condition()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._is_stopping = False
        self._thread = threading.Thread(target=self._loop, name="run-writer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end the thread. Blocks; call it from a worker thread."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify()
            thread, self._thread = self._thread, None  # from here on nobody waits for an end to be written
        if thread is not None:
            thread.join()

    def watch(self, live: LiveRun) -> None:
        """Checkpoint `live` from now on."""
        with self._wake:
            self._live[live.pk] = live

    async def finish(self, live: LiveRun, outcome: Outcome) -> None:
        """Write the end of a run; returns once it is committed, however long the database is away, or at once after `stop`."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        with self._wake:
            self._live.pop(live.pk, None)
            if self._thread is None:
                return
            self._endings.append(_Ending(live, outcome, written, loop))
            self._wake.notify()
        await written

    # --- the thread ---

    def _loop(self) -> None:
        due = time.monotonic() + CHECKPOINT_S
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._endings or self._is_stopping, max(0.0, due - time.monotonic()))
                    endings, self._endings = self._endings, []
                    is_last = self._is_stopping and not endings
                self._write_endings(endings)
                if time.monotonic() >= due or is_last:
                    self._checkpoint()
                    due = time.monotonic() + CHECKPOINT_S
                if is_last:
                    return
        finally:
            connection.close()

    def _write_endings(self, endings: list[_Ending]) -> None:
        if not endings:
            return
        try:
            with records.writing("end"), transaction.atomic():
                write_outcomes([(ending.live.run, ending.outcome) for ending in endings], owner=self._owner)
        except DatabaseError:
            log.warning("The database refused the end of %d runs; trying again", len(endings), exc_info=True)
            self._put_back(endings)
            return
        except Exception:
            log.exception("The end of a run could not be written")
            if len(endings) > 1:  # one bad run must not hold up the others
                for ending in endings:
                    self._write_endings([ending])
                return
        for ending in endings:
            ending.loop.call_soon_threadsafe(_resolve, ending.written)

    def _put_back(self, endings: list[_Ending]) -> None:
        close_old_connections()
        with self._wake:
            self._endings = endings + self._endings
            is_stopping = self._is_stopping
        if not is_stopping:
            time.sleep(RETRY_S)
            return
        for ending in endings:  # the process ends: the pieces that were saved are what is left
            ending.loop.call_soon_threadsafe(_resolve, ending.written)
        with self._wake:
            self._endings = []

    def _checkpoint(self) -> None:
        with self._wake:
            runs = list(self._live.values())
        if not runs:
            return
        marks = [(live, live.text.length, live.reasoning.length) for live in runs]
        pieces = [piece for mark in marks if (piece := _piece(*mark)) is not None]
        now = timezone.now()
        mine = Run.objects.filter(pk__in=[live.pk for live in runs], status__in=ACTIVE, lease_owner=self._owner)
        try:
            with records.writing("checkpoint"), transaction.atomic():
                renewed = mine.update(lease_until=now + timedelta(seconds=LEASE_S))
                # A run that is no longer ours, because a reaper took it or it was deleted, gets no more pieces, and ends.
                lost = _lost(runs, mine) if renewed < len(runs) else set()
                RunPiece.objects.bulk_create([piece for piece in pieces if piece.run_id not in lost])
                stopped = list(mine.exclude(stop_requested_at=None).values_list("uuid", flat=True))
                stopped += [live.uuid for live in runs if live.pk in lost]
        except DatabaseError:
            log.warning(
                "The database refused a checkpoint of %d runs; their text is kept in memory", len(runs), exc_info=True
            )
            close_old_connections()
            return
        for live, text, reasoning in marks:
            if (text, reasoning) != (live.saved_text, live.saved_reasoning):
                live.piece_number += 1
            live.saved_text, live.saved_reasoning = text, reasoning
        for uuid in stopped:
            self._on_stop_requested(uuid)


def _lost(runs: list[LiveRun], mine: QuerySet[Run]) -> set[int]:
    """The keys of `runs` that are not among `mine`. One query."""
    return {live.pk for live in runs} - set(mine.values_list("pk", flat=True))


def _piece(live: LiveRun, text: int, reasoning: int) -> RunPiece | None:
    """What `live` gained up to the given marks; None when that is nothing."""
    if (text, reasoning) == (live.saved_text, live.saved_reasoning):
        return None
    return RunPiece(
        run_id=live.pk,
        number=live.piece_number,
        text=live.text.between(live.saved_text, text),
        reasoning=live.reasoning.between(live.saved_reasoning, reasoning),
    )


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
