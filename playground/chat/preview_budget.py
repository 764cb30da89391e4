"""How much of the process's time goes into rendering open blocks again: little, and less while it is busy."""

from __future__ import annotations

import time

from playground.runs.pace import FRAME_S, pace

PREVIEW_EVERY_S = 0.2
SHARE = 0.08  # of the time; beyond it raw text stands a little longer
BURST_S = 0.05


class PreviewBudget:
    """Seconds of rendering that are earned as time goes by, for all live answers of the process together."""

    def __init__(self) -> None:
        self._credit_s = BURST_S
        self._credited_at = time.monotonic()

    def allows(self) -> bool:
        """Whether there is time to render an open block now."""
        now = time.monotonic()
        share = SHARE * (FRAME_S / pace.frame_s) ** 2
        self._credit_s = min(BURST_S, self._credit_s + (now - self._credited_at) * share)
        self._credited_at = now
        return self._credit_s > 0

    def spend(self, seconds: float) -> None:
        self._credit_s -= seconds


budget = PreviewBudget()
