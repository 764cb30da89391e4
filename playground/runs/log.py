"""The append-only log of every run that is going on or has just ended: one writer, any number of readers.

A reader owns nothing but an offset and pulls what lies behind it at its own pace, so a slow reader gets bigger batches and
never a gap. An offset counts the characters of text and one for every other event: neighbouring deltas are kept joined, so
that a long answer costs its own length in memory, not one object per token, and an offset may point into the middle of one.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from playground.runs.events import ReasoningDelta, RunEvent, RunFinished, TextDelta

# Characters. Joining costs a copy of the piece, so pieces stay short; a piece an object is cheap enough.
PIECE_CHARS = 2048


class LogGone(Exception):
    """The run has no log here: it ended a while ago, or another process ran it. Its row says the rest."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order, and the offset after the last of them."""

    events: list[RunEvent]
    offset: int


class RunLog(Protocol):
    """Belongs to the event loop: not to be touched from other threads."""

    def start(self, *, process: str, on_stop_requested: Callable[[UUID], None]) -> None:
        """Before anything else. `on_stop_requested` is called for runs that another process wants stopped here.

        What other processes announce is delivered to `runs.announcements`.
        """

    async def stop(self) -> None:
        """After the last run has ended."""

    def open(self, run: UUID) -> None:
        """Begin an empty log."""

    def append(self, run: UUID, event: RunEvent) -> None:
        """Add an event at the end; readers that wait are woken. Raises LogGone."""

    def read(self, run: UUID, after: int) -> Batch:
        """Everything behind `after`, at once; empty when there is nothing yet. Raises LogGone."""

    async def wait(self, run: UUID, after: int) -> None:
        """Return as soon as something lies behind `after`. Raises LogGone."""

    def forget(self, run: UUID) -> None:
        """Drop the log; readers that wait get LogGone."""

    async def attach(self, run: UUID) -> None:
        """Make `run` readable here, whichever process carries it, until as many `detach`. Raises LogGone."""

    def detach(self, run: UUID) -> None:
        """One reader less."""

    async def send_stop(self, run: UUID, *, process: str) -> None:
        """Tell the process that carries `run` to stop it. May get lost: the run's row says it too."""

    async def announce(self, kind: str, text: str) -> None:
        """Tell the other processes. May get lost."""

    @property
    def held_chars(self) -> int:
        """Characters of text in memory."""

    def __len__(self) -> int:
        """How many logs are in memory."""


def weight(event: RunEvent) -> int:
    """How far an event moves the offset."""
    return len(event.text) if isinstance(event, TextDelta | ReasoningDelta) else 1


@dataclass(slots=True)
class _Log:
    events: list[RunEvent] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)  # the offset before each event
    end: int = 0
    waiters: set[asyncio.Future[None]] = field(default_factory=set)

    def append(self, event: RunEvent) -> None:
        last = self.events[-1] if self.events else None
        if isinstance(event, TextDelta | ReasoningDelta) and type(last) is type(event) and len(last.text) < PIECE_CHARS:
            self.events[-1] = type(event)(last.text + event.text)
        else:
            self.events.append(event)
            self.starts.append(self.end)
        self.end += weight(event)

    def behind(self, after: int) -> list[RunEvent]:
        if after >= self.end:
            return []
        first = max(bisect_right(self.starts, after) - 1, 0)
        events = self.events[first:]
        passed = after - self.starts[first]
        head = events[0]
        if passed and isinstance(head, TextDelta | ReasoningDelta):
            events[0] = type(head)(head.text[passed:])
        return events

    def wake(self) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.waiters.clear()


class MemoryLog:
    """The log of one process."""

    def __init__(self) -> None:
        self._logs: dict[UUID, _Log] = {}

    def __len__(self) -> int:
        return len(self._logs)

    def __contains__(self, run: UUID) -> bool:
        return run in self._logs

    @property
    def held_chars(self) -> int:
        return sum(log.end for log in self._logs.values())

    def start(self, *, process: str, on_stop_requested: Callable[[UUID], None]) -> None:
        """Nothing to do: there is only this process."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def attach(self, run: UUID) -> None:
        self._get(run)

    def detach(self, run: UUID) -> None:
        """Nothing to do: the engine forgets a run some time after its end."""

    async def send_stop(self, run: UUID, *, process: str) -> None:
        """Nothing to do: a run that is not here has no process."""

    async def announce(self, kind: str, text: str) -> None:
        """Nothing to do: there is nobody else."""

    def open(self, run: UUID) -> None:
        self._logs.setdefault(run, _Log())

    def append(self, run: UUID, event: RunEvent) -> None:
        log = self._get(run)
        log.append(event)
        if log.waiters:
            log.wake()

    def read(self, run: UUID, after: int) -> Batch:
        log = self._get(run)
        return Batch(log.behind(after), max(after, log.end))

    async def wait(self, run: UUID, after: int) -> None:
        log = self._get(run)
        while log.end <= after:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            log.waiters.add(waiter)
            try:
                await waiter
            finally:
                log.waiters.discard(waiter)
            if self._logs.get(run) is not log:
                raise LogGone(run)

    def forget(self, run: UUID) -> None:
        if log := self._logs.pop(run, None):
            log.wake()

    def _get(self, run: UUID) -> _Log:
        try:
            return self._logs[run]
        except KeyError:
            raise LogGone(run) from None


def is_end(batch: Batch) -> bool:
    """True when the run's last event is in the batch."""
    return bool(batch.events) and isinstance(batch.events[-1], RunFinished)
