"""The outward half of a shared run log: what this process's runs gain goes to Redis, all runs in one batch.

It reads the memory log as any reader does, by a cursor, so nothing is lost while Redis is away: the next batch is bigger.
For each run there is a stream, whose entry ids are offsets of the log, and a head: everything up to some offset in one piece,
so that the stream stays short however long the answer is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from playground.runs.events import RunFinished
from playground.runs.log import MemoryLog
from playground.runs.wire import Entry, Extent, encode

log = logging.getLogger(__name__)

GAP_S = 0.02  # between two batches: what comes meanwhile shares a round trip
RETRY_S = 0.5
AWAY = (RedisError, OSError, TimeoutError)
# A stream is folded into its head when it holds more than the head does, so that folding costs the answer's own length.
FOLD_BYTES = 64 * 1024
FOLD_ENTRIES = 4096
TTL_S = 600  # of a run that says nothing, should its process die
REFRESH_S = 60.0
ENDED_TTL_S = 120  # readers that come later find everything in the database


def stream_key(run: UUID) -> str:
    return f"playground:run:{run}"


def head_key(run: UUID) -> str:
    return f"playground:run:{run}:head"


@dataclass(slots=True)
class _Outgoing:
    extent: Extent = field(default_factory=Extent)  # what Redis has
    head_bytes: int = 0
    stream_bytes: int = 0
    entries: int = 0
    refreshed_at: float = 0.0
    needs_head: bool = False  # what Redis has is not known

    @property
    def is_due_to_fold(self) -> bool:
        return self.stream_bytes > max(FOLD_BYTES, self.head_bytes) or self.entries >= FOLD_ENTRIES


@dataclass(slots=True)
class _Step:
    """What one batch does for one run, taken over once Redis has said yes to all of it."""

    outgoing: _Outgoing
    extent: Extent
    size: int
    is_head: bool
    commands: int


class Publisher:
    """Belongs to the event loop. `redis` is closed by whoever made it."""

    def __init__(self, redis: Redis, memory: MemoryLog) -> None:
        self._redis, self._memory = redis, memory
        self._runs: dict[UUID, _Outgoing] = {}
        self._dirty: set[UUID] = set()
        self._news = asyncio.Event()
        self.is_away = False

    def opened(self, run: UUID) -> None:
        self._runs.setdefault(run, _Outgoing())

    def changed(self, run: UUID) -> None:
        self._dirty.add(run)
        self._news.set()

    def forgotten(self, run: UUID) -> None:
        self._runs.pop(run, None)
        self._dirty.discard(run)

    async def publish_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if not await self.flush():
                await asyncio.sleep(RETRY_S)
                self._news.set()
            else:
                await asyncio.sleep(GAP_S)

    async def flush(self) -> bool:
        """Send what is new of all runs. False when Redis did not take it: everything is kept and sent anew."""
        dirty, self._dirty = self._dirty, set()
        try:
            await self._send([run for run in dirty if run in self._runs])
        except AWAY as error:
            if not self.is_away:
                log.warning("Redis is away: answers go on, other processes read them from the database (%s)", error)
            self.is_away = True
            # It may come back empty, or with a batch whose reply was lost: say everything again.
            for run, outgoing in self._runs.items():
                outgoing.needs_head = True
                self._dirty.add(run)
            return False
        if self.is_away:
            log.warning("Redis is back")
        self.is_away = False
        return True

    async def _send(self, runs: list[UUID]) -> None:
        if not runs:
            return
        steps: list[_Step] = []
        async with self._redis.pipeline(transaction=False) as pipe:
            for run in runs:
                before = len(pipe.command_stack)
                if step := self._plan(pipe, run):
                    step.commands = len(pipe.command_stack) - before
                    steps.append(step)
            replies = await pipe.execute(raise_on_error=False)
        failed = None
        for step in steps:
            mine, replies = replies[: step.commands], replies[step.commands :]
            if errors := [reply for reply in mine if isinstance(reply, Exception)]:
                failed, step.outgoing.needs_head = errors[0], True
            else:
                _take_over(step)
        if failed is not None:
            raise failed

    def _plan(self, pipe: Any, run: UUID) -> _Step | None:
        """Queue the commands that bring Redis up to date with `run`; None when it is."""
        outgoing = self._runs[run]
        is_head = outgoing.needs_head or outgoing.is_due_to_fold
        batch = self._memory.read(run, 0 if is_head else outgoing.extent.offset)
        if not batch.events:
            return None
        before = Extent() if is_head else outgoing.extent
        extent = before.copy()
        for event in batch.events:
            extent.add(event)
        data = encode(Entry(before, batch.events))
        stream, head = stream_key(run), head_key(run)
        is_ended = isinstance(batch.events[-1], RunFinished)
        ttl = ENDED_TTL_S if is_ended else TTL_S
        if is_head:
            pipe.set(head, data, ex=ttl)
            pipe.delete(stream)
            # Readers that wait for the stream are woken by an entry, be it empty, that says how far the head goes.
            data = encode(Entry(extent, []))
        pipe.xadd(stream, {"e": data}, id=f"{extent.offset}-0")
        if is_head or is_ended or time.monotonic() - outgoing.refreshed_at > REFRESH_S:
            pipe.expire(stream, ttl)
            pipe.expire(head, ttl)
            outgoing.refreshed_at = time.monotonic()
        return _Step(outgoing, extent, len(data), is_head, 0)


def _take_over(step: _Step) -> None:
    outgoing = step.outgoing
    if step.is_head:
        outgoing.head_bytes, outgoing.stream_bytes, outgoing.entries = step.extent.offset, 0, 0
        outgoing.needs_head = False
    else:
        outgoing.stream_bytes += step.size
        outgoing.entries += 1
    outgoing.extent = step.extent
