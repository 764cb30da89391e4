"""Threads that requests use one after the other, with their database connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from asgiref.sync import ThreadSensitiveContext
from django.db import close_old_connections, connections

from playground.lib.asgi import Receive, Scope, Send

Args = TypeVarTuple("Args")
Result = TypeVar("Result")

KEPT = 16  # idle threads; a burst may use more, and lets them go afterwards


class ReusedThreads:
    """ASGI wrapper: gives each request a thread that an earlier one has left.

    Django would start a thread for each request, and open a database connection in it, and end both afterwards: several
    milliseconds that every page would pay.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app
        self._idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        executor = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=executor):
                await self.app(scope, receive, send)
        finally:
            if len(self._idle) < KEPT:
                self._idle.append(executor)
            else:
                executor.submit(connections.close_all)
                executor.shutdown(wait=False)


def database_step(step: Callable[[*Args], Result], *args: *Args) -> Result:
    """`step` in a thread that is used again: with a connection that lives, and none left that has died.

    A request does this by itself. Elsewhere a connection that the database has closed would fail for ever.
    """
    close_old_connections()
    try:
        return step(*args)
    finally:
        close_old_connections()
