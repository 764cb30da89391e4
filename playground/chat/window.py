"""Flow control of one socket: daphne has no write backpressure, so the page acknowledges and the server waits."""

from __future__ import annotations

import asyncio
from collections import deque

WINDOW_BYTES = 256 * 1024
PATIENCE_S = 30.0


class Stalled(Exception):
    """The page has not acknowledged anything for too long."""


class Window:
    """What was sent and not yet acknowledged."""

    def __init__(self) -> None:
        self.seq = 0
        self._sent: deque[tuple[int, int]] = deque()  # (seq, bytes), oldest first
        self._unacked_bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    def sent(self, size: int) -> None:
        """A message of `size` bytes, numbered `seq`, has gone out."""
        self._sent.append((self.seq, size))
        self._unacked_bytes += size
        if self._unacked_bytes > WINDOW_BYTES:
            self._room.clear()

    def acknowledge(self, seq: int) -> None:
        """Everything up to `seq` has arrived."""
        while self._sent and self._sent[0][0] <= seq:
            self._unacked_bytes -= self._sent.popleft()[1]
        if self._unacked_bytes <= WINDOW_BYTES:
            self._room.set()

    async def room(self) -> None:
        """Return when more may be sent. Raises Stalled."""
        while not self._room.is_set():  # of several that wait, the first may take all the room
            try:
                await asyncio.wait_for(self._room.wait(), PATIENCE_S)
            except TimeoutError:
                raise Stalled from None
