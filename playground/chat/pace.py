"""How often live answers go out: prompt while the process has time, in bigger steps when it does not."""

from __future__ import annotations

import asyncio
import time

FRAME_S = 0.04  # what the eye takes for steady
SLOWEST_FRAME_S = 0.2
LAG_S = 0.02  # a loop that wakes this late is busy
PREVIEW_EVERY_S = 0.2
# The share of a process's time that re-rendering open blocks may take; beyond it raw text stands a little longer.
PREVIEW_SHARE = 0.08
PREVIEW_BURST_S = 0.05


class Pace:
    """The frame length of this process, stretched while the event loop lags."""

    def __init__(self) -> None:
        self.frame_s = FRAME_S
        self._preview_credit_s = PREVIEW_BURST_S
        self._credited_at = time.monotonic()

    async def frame(self) -> None:
        """Sleep for one frame, and learn from how late the loop woke us."""
        asked = self.frame_s
        before = time.monotonic()
        await asyncio.sleep(asked)
        lag = time.monotonic() - before - asked
        if lag > LAG_S:
            self.frame_s = min(SLOWEST_FRAME_S, self.frame_s * 1.1)
        else:
            self.frame_s = max(FRAME_S, self.frame_s * 0.98)

    def may_preview(self) -> bool:
        """Whether there is time to render an open block again."""
        now = time.monotonic()
        earned = (now - self._credited_at) * PREVIEW_SHARE
        self._preview_credit_s = min(PREVIEW_BURST_S, self._preview_credit_s + earned)
        self._credited_at = now
        return self._preview_credit_s > 0

    def spent_on_preview(self, seconds: float) -> None:
        self._preview_credit_s -= seconds


pace = Pace()
