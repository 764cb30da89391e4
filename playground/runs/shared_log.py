"""The run log of several processes: the memory log of this one, what it tells the others, and what they tell it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from playground.lib.tasks import end_tasks
from playground.runs.events import RunEvent
from playground.runs.log import Batch, MemoryLog
from playground.runs.mirrors import Mirrors
from playground.runs.publishing import Publisher

CONNECT_S = 2.0
REPLY_S = 2.0  # of a command that does not wait
LAST_WORDS_S = 2.0  # at shutdown


class SharedLog:
    """A `RunLog` that any process can follow. Belongs to the event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._memory = MemoryLog()
        self._clients: list[Redis] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._publisher: Publisher | None = None
        self._mirrors: Mirrors | None = None

    def start(self, *, process: str, on_stop_requested: Callable[[UUID], None]) -> None:
        """Begin to publish and to read. Returns at once, also while Redis is away."""
        writer, reader = self._client(REPLY_S), self._client(None)
        self._publisher = Publisher(writer, self._memory)
        self._mirrors = Mirrors(
            reader=reader, writer=writer, memory=self._memory, process=process, on_stop_requested=on_stop_requested
        )
        for work in (
            self._publisher.publish_forever(),
            self._mirrors.read_forever(),
            self._mirrors.look_forever(),
        ):
            self._tasks.append(asyncio.create_task(work, name="shared-log"))

    async def stop(self) -> None:
        """Say the last words of the runs that just ended, and let go of Redis."""
        await end_tasks(self._tasks)
        self._tasks.clear()
        if self._publisher is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._publisher.flush()
        for client in self._clients:
            await client.aclose()
        self._clients.clear()

    def __len__(self) -> int:
        return len(self._memory)

    @property
    def held_chars(self) -> int:
        return self._memory.held_chars

    def open(self, run: UUID) -> None:
        self._memory.open(run)
        if self._mirrors is not None:
            self._mirrors.release(run)
        if self._publisher is not None:
            self._publisher.opened(run)

    def append(self, run: UUID, event: RunEvent) -> None:
        self._memory.append(run, event)
        if self._publisher is not None:
            self._publisher.changed(run)

    def read(self, run: UUID, after: int) -> Batch:
        return self._memory.read(run, after)

    async def wait(self, run: UUID, after: int) -> None:
        await self._memory.wait(run, after)

    def forget(self, run: UUID) -> None:
        self._memory.forget(run)
        if self._publisher is not None:
            self._publisher.forgotten(run)

    async def attach(self, run: UUID) -> None:
        if self._mirrors is not None and (run in self._mirrors or run not in self._memory):
            await self._mirrors.attach(run)

    def detach(self, run: UUID) -> None:
        if self._mirrors is not None:
            self._mirrors.detach(run)

    async def send_stop(self, run: UUID, *, process: str) -> None:
        if self._mirrors is not None:
            await self._mirrors.send_stop(run, process=process)

    async def announce(self, kind: str, text: str) -> None:
        if self._mirrors is not None:
            await self._mirrors.announce(kind, text)

    def _client(self, socket_timeout: float | None) -> Redis:
        client = Redis.from_url(
            self._url,
            socket_connect_timeout=CONNECT_S,
            # redis-py 8 gives up a read after 5 s unless told otherwise, a blocking one too.
            socket_timeout=socket_timeout,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # whoever calls tries again, knowing what may have been lost
        )
        self._clients.append(client)
        return client
