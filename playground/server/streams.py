"""Streamed answers go as fast as their reader reads.

Daphne takes whatever an application sends and keeps what the line does not take: a file of a million rows would be in memory
for a reader on a slow line, however carefully it is made. So the application waits for the line after each part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

MOST_UNWRITTEN_BYTES = 1024 * 1024
LOOK_SECONDS = 0.02
STALLED_SECONDS = 120  # in which the reader took nothing at all: it is not slow, it is gone


async def wait_for_room(transport: Any, is_open: Callable[[], bool], stalled_s: float = STALLED_SECONDS) -> None:
    """Return when little waits to be written to `transport`, or nobody is there any more; cuts a line that takes nothing."""
    loop = asyncio.get_running_loop()
    least, since = unwritten_bytes(transport), loop.time()
    while least > MOST_UNWRITTEN_BYTES and is_open():
        await asyncio.sleep(LOOK_SECONDS)
        held = unwritten_bytes(transport)
        if held < least:
            least, since = held, loop.time()
        elif loop.time() - since > stalled_s:
            transport.abortConnection()
            return


def unwritten_bytes(transport: Any) -> int:
    """What Twisted holds for the line."""
    held: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001 - told nowhere else
    return held
