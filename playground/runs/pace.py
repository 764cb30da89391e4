"""How often an answer moves on: promptly while the process has time, in bigger steps when it does not.

An answer is read, logged and shown once a frame. Its reader rests for a frame after each read, so that what arrives meanwhile
is taken with one wake-up; whoever follows the log is woken by that, and rests for less, so that the two stay in step and
their waits do not add up. See docs/decisions/0005-one-read-a-frame.md.
"""

from __future__ import annotations

import asyncio
import time

from playground.lib.turns import turns

FRAME_S = 0.045  # what the eye takes for steady
BUSY_FRAME_S = 0.06  # of a process that has its hands full: less work for a delay nobody sees
SLOWEST_FRAME_S = 0.2  # of one that cannot keep up
LOOK_EVERY_S = 0.25
# The share of the time that the event loop is at work: from CALM on frames grow, and beyond FULL it cannot keep up.
CALM, FULL = 0.3, 0.92
HOLD_BACK_S = 1.0  # pages run one at a time for so long after that: it is they who take the loop's time
LAG_S = 0.02  # a loop that wakes this late on average cannot either, whoever takes its time
# More than this in one read comes from a server that is faster than any reader: no rest, the connection would hold it up.
FAST_CHARS = 128


class Pace:
    """The frame length of this process, by how busy its event loop is."""

    def __init__(self) -> None:
        self.frame_s = FRAME_S
        self._looked_at = time.monotonic()
        self._used_s = time.thread_time()
        self._lag_s = 0.0
        self._frames = 0

    async def rest(self, chars: int) -> None:
        """After a read of `chars` characters: sleep for a frame, and now and then learn how busy the loop was."""
        if chars > FAST_CHARS:
            return
        due = time.monotonic() + self.frame_s
        await asyncio.sleep(self.frame_s)
        now = time.monotonic()
        self._lag_s += now - due
        self._frames += 1
        if now - self._looked_at >= LOOK_EVERY_S:
            used = time.thread_time()
            self.learn(busy=(used - self._used_s) / (now - self._looked_at), lag_s=self._lag_s / self._frames)
            self._looked_at, self._used_s, self._lag_s, self._frames = now, used, 0.0, 0

    async def gap(self) -> None:
        """Between two frames of one that follows: long enough to merge a burst, too short to fall out of step."""
        await asyncio.sleep(self.frame_s / 2)

    def learn(self, *, busy: float, lag_s: float) -> None:
        """Set the frame by the share of time that the loop worked, and its mean lateness in seconds, since the last time."""
        if busy > FULL or lag_s > LAG_S:
            turns.hold_back(HOLD_BACK_S)
            self.frame_s = min(SLOWEST_FRAME_S, self.frame_s * 1.2)
            return
        fullness = max(0.0, busy - CALM) / (FULL - CALM)
        self.frame_s = max(FRAME_S + (BUSY_FRAME_S - FRAME_S) * fullness, self.frame_s * 0.85)


pace = Pace()
