"""The engine's life within the process: begun with the server, drained before it ends.

Daphne has no ASGI lifespan, so `manage.py serve` calls `start` and `drain` from the reactor's own hooks; under another server
the application calls `start` on its first request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

import playground.embedded.process as embedded
from playground.runs.engine import Engine
from playground.runs.outcomes import interrupt_abandoned

log = logging.getLogger(__name__)

REAP_EVERY_S = 5.0

_engine = Engine()
_reaper: asyncio.Task[None] | None = None


def engine() -> Engine:
    """The engine of this process."""
    return _engine


async def start() -> None:
    """Begin to carry runs, and mark those that a dead process left behind. Does nothing when already started."""
    global _reaper  # noqa: PLW0603 - one engine a process
    if _engine.is_running or _engine.is_draining:
        return
    _engine.start()
    # With one process on this data, whatever is active and not ours has lost its owner.
    count = await asyncio.to_thread(interrupt_abandoned, ~Q(lease_owner=_engine.process_id))
    if count:
        log.warning("%d runs were interrupted when the server last ended; their text is kept", count)
    _reaper = asyncio.create_task(_reap_forever(), name="reaper")


async def drain() -> None:
    """Take no new runs, wait for the running ones within PLAYGROUND_DRAIN_SECONDS, save and interrupt the rest."""
    global _reaper  # noqa: PLW0603
    if _reaper is not None:
        _reaper.cancel()
        await asyncio.gather(_reaper, return_exceptions=True)
        _reaper = None
    if _engine.is_running:
        await _engine.stop(drain_s=settings.DRAIN_SECONDS)
    await embedded.stop()


async def _reap_forever() -> None:
    """Every few seconds, interrupt runs whose owner has not renewed its lease."""
    while True:
        await asyncio.sleep(REAP_EVERY_S)
        try:
            # Our own leases may look expired after the machine slept: only what this process does not carry is abandoned.
            abandoned = Q(lease_until__lt=timezone.now()) & ~Q(uuid__in=_engine.carried())
            await asyncio.to_thread(interrupt_abandoned, abandoned)
        except Exception:
            log.warning("Could not look for abandoned runs", exc_info=True)


class StartsEngine:
    """ASGI wrapper for servers without our hooks: the first request starts the engine."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not _engine.is_running:
            await start()
        await self.app(scope, receive, send)
