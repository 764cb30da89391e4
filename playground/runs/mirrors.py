"""The inward half of a shared run log: runs of other processes, kept in this one's memory log while somebody follows them.

One task reads all of them with one blocking command. What Redis cannot deliver is read from the database: a run whose process
has died, and every run while Redis is away.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from playground.lib.threads import database_step
from playground.runs import announcements
from playground.runs.events import ReasoningDelta, RunFinished, TextDelta
from playground.runs.log import LogGone, MemoryLog
from playground.runs.publishing import AWAY, RETRY_S, head_key, stream_key
from playground.runs.rows import SavedRun, saved_runs
from playground.runs.wire import Entry, Extent, decode

log = logging.getLogger(__name__)

GAP_S = 0.02  # between two reads: what comes meanwhile shares a round trip
BLOCK_MS = 2000
DEAF_S = 5.0  # a read that takes longer than this has lost its connection
LOOK_EVERY_S = 1.0
SILENT_S = 3.0  # then the row is asked whether the run still goes on
KEEP_S = 30.0  # after the last follower: hidden tabs come back
CONTROL_LENGTH = 1000
ANNOUNCEMENTS = "playground:announcements"
CONTROL_TTL_S = 3600


def control_key(process: str) -> str:
    return f"playground:process:{process}"


@dataclass(slots=True)
class _Mirror:
    run: UUID
    extent: Extent = field(default_factory=Extent)
    cursor: int = 0  # the id of the last entry read
    needs_head: bool = True
    followers: int = 0
    heard_at: float = field(default_factory=time.monotonic)
    first_look: asyncio.Event = field(default_factory=asyncio.Event)
    drop_timer: asyncio.TimerHandle | None = None


class Mirrors:
    """Belongs to the event loop. `reader` has no socket timeout, since it waits; both clients are closed by whoever made them."""

    def __init__(
        self,
        *,
        reader: Redis,
        writer: Redis,
        memory: MemoryLog,
        process: str,
        on_stop_requested: Callable[[UUID], None],
    ) -> None:
        self._reader, self._writer, self._memory = reader, writer, memory
        self._process = process
        self._control = control_key(process)
        self._control_cursor = "0-0"
        self._announced = ""  # the last announcement read; empty: not known where they stand
        self._on_stop_requested = on_stop_requested
        self._mirrors: dict[UUID, _Mirror] = {}
        self.is_away = False

    def __len__(self) -> int:
        return len(self._mirrors)

    def __contains__(self, run: UUID) -> bool:
        return run in self._mirrors

    # --- followers ---

    async def attach(self, run: UUID) -> None:
        """Have what another process's `run` has said so far in memory, and the rest as it comes. Raises LogGone."""
        mirror = self._mirrors.get(run)
        if mirror is None:
            mirror = self._mirrors[run] = _Mirror(run)
            self._memory.open(run)
            await self._wake()
        mirror.followers += 1
        if mirror.drop_timer is not None:
            mirror.drop_timer.cancel()
            mirror.drop_timer = None
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await mirror.first_look.wait()
        except TimeoutError:
            pass  # Redis is away: the database is looked at
        if not mirror.extent.offset:
            await self._ask_database([mirror])
        if run not in self._memory:
            raise LogGone(run)

    def detach(self, run: UUID) -> None:
        """One follower less. The mirror stays for a while."""
        if mirror := self._mirrors.get(run):
            mirror.followers -= 1
            if not mirror.followers:
                loop = asyncio.get_running_loop()
                mirror.drop_timer = loop.call_later(KEEP_S, self._drop, mirror)

    def release(self, run: UUID) -> None:
        """`run` turns out to be this process's own: its log is written here from now on."""
        if mirror := self._mirrors.pop(run, None):
            mirror.first_look.set()

    async def send_stop(self, run: UUID, *, process: str) -> None:
        """Tell the process that carries `run`. It would see it in the row within a second, should this get lost."""
        try:
            await self._tell(control_key(process), {"stop": str(run)})
        except AWAY:
            log.info("Redis is away: the stop of run %s is found in its row", run)

    async def announce(self, kind: str, text: str) -> None:
        """Tell the other processes. They look by themselves when this gets lost."""
        try:
            await self._tell(ANNOUNCEMENTS, {"from": self._process, "kind": kind, "text": text})
        except AWAY:
            log.debug("Redis is away")

    async def _wake(self) -> None:
        """The reader's command names its streams: a new one needs a new command."""
        try:
            await self._tell(self._control, {"wake": "1"})
        except AWAY:
            log.debug("Redis is away")

    async def _tell(self, control: str, fields: Mapping[str, str]) -> None:
        async with self._writer.pipeline(transaction=False) as pipe:
            pipe.xadd(control, dict(fields), maxlen=CONTROL_LENGTH, approximate=True)  # type: ignore[arg-type]
            pipe.expire(control, CONTROL_TTL_S)
            await pipe.execute()

    def _drop(self, mirror: _Mirror) -> None:
        if self._mirrors.get(mirror.run) is mirror and not mirror.followers:
            del self._mirrors[mirror.run]
            self._memory.forget(mirror.run)

    def _lose(self, mirror: _Mirror) -> None:
        """Only the row has the rest: whoever follows is told that the log is gone."""
        if self._mirrors.get(mirror.run) is mirror:
            del self._mirrors[mirror.run]
            self._memory.forget(mirror.run)

    # --- reading from Redis ---

    async def read_forever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(DEAF_S):
                    await self._find_announcements()
                    await self._read_heads()
                    await self._read_streams()
            except AWAY as error:
                if not self.is_away:
                    log.warning("Redis is away: runs of other processes are read from the database (%s)", error)
                self.is_away, self._announced = True, ""
                for mirror in self._mirrors.values():
                    mirror.needs_head = True
                await asyncio.sleep(RETRY_S)
                continue
            if self.is_away:
                log.warning("Redis is back")
                self.is_away = False
                await announcements.deliver(announcements.MISSED, "")
            await asyncio.sleep(GAP_S)

    async def _find_announcements(self) -> None:
        """Where they stand now: what was announced before is old."""
        if not self._announced:
            last: Any = await self._reader.xrevrange(ANNOUNCEMENTS, count=1)
            self._announced = last[0][0].decode() if last else "0-0"

    async def _read_heads(self) -> None:
        lacking = [mirror for mirror in self._mirrors.values() if mirror.needs_head]
        if not lacking:
            return
        async with self._reader.pipeline(transaction=False) as pipe:
            for mirror in lacking:
                pipe.get(head_key(mirror.run))
                pipe.xrange(stream_key(mirror.run))
            replies = await pipe.execute()
        for mirror, head, entries in zip(lacking, replies[::2], replies[1::2], strict=True):
            mirror.needs_head = False
            if head is not None:
                self._take(mirror, decode(head))
            self._take_entries(mirror, entries)
            mirror.first_look.set()

    async def _read_streams(self) -> None:
        streams = {self._control: self._control_cursor, ANNOUNCEMENTS: self._announced}
        by_key = {stream_key(mirror.run): mirror for mirror in self._mirrors.values()}
        streams |= {key: f"{mirror.cursor}-0" for key, mirror in by_key.items()}
        # Redis's own type of a reply is a union of everything that any version may say.
        replies: Any = await self._reader.xread(streams, block=BLOCK_MS)  # type: ignore[arg-type]
        for key, entries in _pairs(replies):
            name = key.decode()
            if name == self._control:
                self._take_control(entries)
            elif name == ANNOUNCEMENTS:
                await self._take_announcements(entries)
            elif (mirror := by_key.get(name)) and self._mirrors.get(mirror.run) is mirror:
                self._take_entries(mirror, entries)

    def _take_control(self, entries: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> None:
        for number, fields in entries:
            self._control_cursor = number.decode()
            if stop := fields.get(b"stop"):
                self._on_stop_requested(UUID(stop.decode()))

    async def _take_announcements(self, entries: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> None:
        for number, fields in entries:
            self._announced = number.decode()
            if fields[b"from"].decode() != self._process:
                await announcements.deliver(fields[b"kind"].decode(), fields[b"text"].decode())

    def _take_entries(self, mirror: _Mirror, entries: Sequence[tuple[bytes, Mapping[bytes, bytes]]]) -> None:
        for number, fields in entries:
            entry = decode(fields[b"e"])
            if entry.lacks(mirror.extent):  # it was folded into the head
                mirror.needs_head = True
                return
            self._take(mirror, entry)
            mirror.cursor = int(number.partition(b"-")[0])

    def _take(self, mirror: _Mirror, entry: Entry) -> None:
        mirror.heard_at = time.monotonic()
        for event in entry.new_to(mirror.extent):
            mirror.extent.add(event)
            self._memory.append(mirror.run, event)
            if isinstance(event, RunFinished):
                # Nothing more will come; whoever still reads has it all in memory.
                del self._mirrors[mirror.run]
                asyncio.get_running_loop().call_later(KEEP_S, self._memory.forget, mirror.run)
                return

    # --- reading from the database ---

    async def look_forever(self) -> None:
        """Now and then: is anybody behind the runs that say nothing, and what do rows have that Redis does not bring?"""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            silent_since = time.monotonic() - SILENT_S
            silent = [one for one in self._mirrors.values() if self.is_away or one.heard_at < silent_since]
            try:
                await self._ask_database(silent)
            except Exception:
                log.warning("Could not look at the rows of runs", exc_info=True)

    async def _ask_database(self, mirrors: Sequence[_Mirror]) -> None:
        if not mirrors:
            return
        ask = partial(saved_runs, [mirror.run for mirror in mirrors], with_text=self.is_away)
        saved = await asyncio.to_thread(database_step, ask)
        for mirror in mirrors:
            run = saved.get(mirror.run)
            if run is None or run.is_ended:
                self._lose(mirror)
            elif self.is_away:
                self._take_saved(mirror, run)

    def _take_saved(self, mirror: _Mirror, saved: SavedRun) -> None:
        if self._mirrors.get(mirror.run) is not mirror:
            return
        for event in (
            ReasoningDelta(saved.reasoning[mirror.extent.reasoning :]),
            TextDelta(saved.text[mirror.extent.text :]),
        ):
            if event.text:
                mirror.extent.add(event)
                self._memory.append(mirror.run, event)


def _pairs(replies: Any) -> Iterable[tuple[bytes, Any]]:
    """What XREAD says, by stream, in either version of the protocol."""
    if isinstance(replies, dict):
        return [(key, [entry for part in parts for entry in part]) for key, parts in replies.items()]
    return replies or ()
