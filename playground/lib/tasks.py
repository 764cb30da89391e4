"""Ending asyncio tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_S = 1.0  # a task that goes on this long after it was cancelled is asked again


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel `tasks` and return when the last one has ended; what they raise is dropped.

    A cancellation is one exception at one place, and what the task awaits there may swallow it (a timeout that fires in the same
    turn of the loop, a client library that closes its connection): the task would go on, and whoever waits for it with it.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=AGAIN_S)
        for task in done:
            if not task.cancelled():
                task.exception()  # looked at, so that nothing complains that nobody did
