"""How often live answers go out: prompt while the process has time, in bigger steps when it does not."""

from __future__ import annotations

import asyncio
import time

FRAME_S = 0.045  # what the eye takes for steady
BUSY_FRAME_S = 0.065  # of a process that has its hands full: a third less work for a delay nobody sees
SLOWEST_FRAME_S = 0.2  # of one that cannot keep up
LOOK_EVERY_S = 0.25
# The share of the time that the event loop is at work: from CALM on frames grow, and beyond FULL it cannot keep up.
CALM, FULL = 0.3, 0.92
LAG_S = 0.02  # a loop that wakes this late on average cannot either, whoever takes its time
PREVIEW_EVERY_S = 0.2
# The share of a process's time that re-rendering open blocks may take; beyond it raw text stands a little longer.
PREVIEW_SHARE = 0.08
PREVIEW_BURST_S = 0.05


class Pace:
    """The frame length of this process, by how busy its event loop is."""

    def __init__(self) -> None:
        self.frame_s = FRAME_S
        self._looked_at = time.monotonic()
        self._used_s = time.thread_time()
        self._lag_s = 0.0
        self._frames = 0
        self._preview_credit_s = PREVIEW_BURST_S
        self._credited_at = time.monotonic()

    async def frame(self) -> None:
        """Sleep for one frame, and now and then learn from how busy the loop was and how late it woke us."""
        due = time.monotonic() + self.frame_s
        await asyncio.sleep(self.frame_s)
        now = time.monotonic()
        self._lag_s += now - due
        self._frames += 1
        if now - self._looked_at >= LOOK_EVERY_S:
            used = time.thread_time()
            self.learn(busy=(used - self._used_s) / (now - self._looked_at), lag_s=self._lag_s / self._frames)
            self._looked_at, self._used_s, self._lag_s, self._frames = now, used, 0.0, 0

    def learn(self, *, busy: float, lag_s: float) -> None:
        """Set the frame by the share of time that the loop worked, and its mean lateness in seconds, since the last time."""
        if busy > FULL or lag_s > LAG_S:
            self.frame_s = min(SLOWEST_FRAME_S, self.frame_s * 1.2)
            return
        fullness = max(0.0, busy - CALM) / (FULL - CALM)
        self.frame_s = max(FRAME_S + (BUSY_FRAME_S - FRAME_S) * fullness, self.frame_s * 0.85)

    def may_preview(self) -> bool:
        """Whether there is time to render an open block again."""
        now = time.monotonic()
        share = PREVIEW_SHARE * (FRAME_S / self.frame_s) ** 2  # of a busy process, less
        earned = (now - self._credited_at) * share
        self._preview_credit_s = min(PREVIEW_BURST_S, self._preview_credit_s + earned)
        self._credited_at = now
        return self._preview_credit_s > 0

    def spent_on_preview(self, seconds: float) -> None:
        self._preview_credit_s -= seconds


pace = Pace()
