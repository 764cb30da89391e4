"""The engine's life within the process: begun with the server, drained before it ends.

Daphne has no ASGI lifespan, so `manage.py serve` calls `start` and `drain` from the reactor's own hooks; under another server
the application calls `start` on its first request.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

import playground.embedded.process as embedded
from playground.lib.tasks import end_tasks
from playground.lib.threads import database_step
from playground.runs.engine import Engine
from playground.runs.holds import release_gone
from playground.runs.models import Run
from playground.runs.outcomes import interrupt_abandoned
from playground.runs.writer import LEASE_S

log = logging.getLogger(__name__)

REAP_EVERY_S = 5.0
LATE_S = 2 * REAP_EVERY_S  # a round that comes this late: the machine slept, or the database made us wait

_engine = Engine()
_reaper: asyncio.Task[None] | None = None
_works: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
_working: list[asyncio.Task[None]] = []


def alongside(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """`work` goes on in every process for as long as its engine takes runs. A face registers it in its `AppConfig.ready()`."""
    _works[name] = work


def engine() -> Engine:
    """The engine of this process."""
    return _engine


async def start() -> None:
    """Begin to carry runs, and mark those that a dead process left behind. Does nothing when already started."""
    global _reaper  # noqa: PLW0603 - one engine a process
    if _engine.is_running or _engine.is_draining:
        return
    _engine.start()
    if not settings.IS_SHARED:
        # With one process on this data, whatever is active and not ours has lost its owner. With several, leases tell.
        count = await asyncio.to_thread(database_step, interrupt_abandoned, ~Q(lease_owner=_engine.process_id))
        if count:
            log.warning("%d runs were interrupted when the server last ended; their text is kept", count)
    _reaper = asyncio.create_task(_reap_forever(), name="reaper")
    _working.extend(asyncio.create_task(work(), name=name) for name, work in _works.items())


async def drain() -> None:
    """Take no new runs, wait for the running ones within PLAYGROUND_DRAIN_SECONDS, save and interrupt the rest."""
    global _reaper  # noqa: PLW0603
    await end_tasks(_working)
    _working.clear()
    if _reaper is not None:
        await end_tasks([_reaper])
        _reaper = None
    if _engine.is_running:
        await _engine.stop(drain_s=settings.DRAIN_SECONDS)
    await embedded.stop()


async def _reap_forever() -> None:
    """Every few seconds, interrupt runs whose owner has not renewed its lease.

    Not for the length of a lease after the database or the machine was away: nobody could renew a lease then, and the other
    processes still carry their runs.
    """
    patience = _Patience()
    while True:
        await asyncio.sleep(REAP_EVERY_S)
        try:
            if patience.may_reap():
                # Our own leases may look expired: only what this process does not carry is abandoned.
                abandoned = Q(lease_until__lt=timezone.now()) & ~Q(uuid__in=_engine.carried())
                count = await asyncio.to_thread(database_step, interrupt_abandoned, abandoned)
                await asyncio.to_thread(database_step, release_gone)
            else:
                count = 0
            await asyncio.to_thread(database_step, _stop_those_of_the_suspended)
            if count:
                log.warning("%d runs had lost their process and were interrupted; their text is kept", count)
        except Exception:
            log.warning("Could not look for abandoned runs", exc_info=True)
            patience.failed()


def _stop_those_of_the_suspended() -> None:
    """What a request began that was under way when its person was suspended. One query."""
    rows = Run.objects.active().filter(owner__is_active=False, stop_requested_at=None)
    for run in rows.only("uuid", "lease_owner"):
        if Run.objects.filter(pk=run.pk, stop_requested_at=None).update(stop_requested_at=timezone.now()):
            _engine.request_stop(run.uuid, process=run.lease_owner)


class _Patience:
    """When leases can be believed: the last rounds came in time, and the database answered them."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._good_from = 0.0

    def may_reap(self) -> bool:
        now = time.monotonic()
        if now - self._last > LATE_S:
            self.failed()
        self._last = now
        return now >= self._good_from

    def failed(self) -> None:
        self._good_from = time.monotonic() + LEASE_S


class StartsEngine:
    """ASGI wrapper for servers without our hooks: the engine lives with ASGI's lifespan, or starts at the first request.

    `last` is awaited when everything has been saved.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], *, last: Callable[[], Awaitable[None]]) -> None:
        self.app, self._last = app, last

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if not _engine.is_running:
            await start()
        await self.app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "lifespan.shutdown":
            if message["type"] == "lifespan.startup":
                await start()
                await send({"type": "lifespan.startup.complete"})
        await drain()
        await self._last()
        await send({"type": "lifespan.shutdown.complete"})
