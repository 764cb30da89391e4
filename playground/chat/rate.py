"""How fast an answer is being written, while it is: an estimate, until the server's own count replaces it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playground.lib.tokens import text_tokens

TELL_EVERY_S = 0.5  # a figure that changes more often cannot be read, and costs the page a layout each time


@dataclass(slots=True)
class LiveRate:
    """Tokens per second since we began to look, as `per_second`; None until there is something to tell."""

    per_second: float | None = None
    _began_at: float | None = None
    tokens: int = 0  # so far
    characters: int = 0
    _told_at: float = 0.0
    _tokens: int = 0  # behind the first look, which the rate is made of
    _untold: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Count `text`, which has just come. The first call only starts the clock: when its text was written nobody saw."""
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = self._told_at = now
            self._tell(text)
            return
        self._untold.append(text)
        if now - self._told_at >= TELL_EVERY_S:
            self._tokens += self._tell("".join(self._untold))
            self._untold.clear()
            self._told_at = now
            self.per_second = round(self._tokens / (now - self._began_at), 1)

    def _tell(self, text: str) -> int:
        tokens = text_tokens(text).tokens
        self.tokens += tokens
        self.characters += len(text)
        return tokens
