"""How many cells may run at once while a provider asks for fewer requests. No clock of its own, no database."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_WAIT_S = 1.0  # when the provider does not say how long
MOST_WAIT_S = 60.0  # between tries that it answers with "too many"; what it asks for itself is honoured up to LONGEST_S
LONGEST_S = 300.0


@dataclass(slots=True)
class Throttle:
    """Halves at every refusal and waits as long as it is asked to; comes back by one for every round that passes."""

    most: int
    allowed: int = 0  # at once, now
    not_before: float = 0.0
    refusals: int = 0  # in a row
    _passed: int = 0
    _quiet_until: float = 0.0

    def __post_init__(self) -> None:
        self.allowed = self.allowed or self.most

    @property
    def is_slow(self) -> bool:
        return self.allowed < self.most

    def refused(self, now: float, retry_after_s: float | None) -> None:
        """The provider said 429. Refusals of requests that were under way together count once."""
        wait = retry_after_s or min(FIRST_WAIT_S * 2 ** min(self.refusals, 8), MOST_WAIT_S)
        until = now + min(wait, LONGEST_S)
        self.not_before = max(self.not_before, until)
        if now < self._quiet_until:
            return
        self.allowed = max(self.allowed // 2, 1)
        self.refusals += 1
        self._passed = 0
        self._quiet_until = until

    def passed(self) -> None:
        """A cell came through."""
        self.refusals = 0
        self._passed += 1
        if self._passed >= self.allowed and self.allowed < self.most:
            self.allowed += 1
            self._passed = 0

    def places(self, now: float, running: int) -> int:
        """How many may start now."""
        return max(self.allowed - running, 0) if now >= self.not_before else 0
