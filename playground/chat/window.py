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
        self._acknowledged = asyncio.Event()  # set once, by the next acknowledgement that brings news

    def sent(self, size: int) -> None:
        """A message of `size` bytes, numbered `seq`, has gone out."""
        self._sent.append((self.seq, size))
        self._unacked_bytes += size

    def acknowledge(self, seq: int) -> None:
        """Everything up to `seq` has arrived."""
        before = len(self._sent)
        while self._sent and self._sent[0][0] <= seq:
            self._unacked_bytes -= self._sent.popleft()[1]
        if len(self._sent) < before:
            self._acknowledged.set()
            self._acknowledged = asyncio.Event()

    async def room(self) -> None:
        """Return when more may be sent. Raises Stalled when nothing has been acknowledged for PATIENCE_S.

        A page on a slow line that acknowledges little by little is waited for.
        """
        while self._unacked_bytes > WINDOW_BYTES:  # of several that wait, the first may take all the room
            try:
                await asyncio.wait_for(self._acknowledged.wait(), PATIENCE_S)
            except TimeoutError:
                raise Stalled from None
