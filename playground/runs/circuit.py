"""A breaker for each provider: when a server plainly does not answer, further runs are told so at once.

Without it every run would wait for its own clocks and its own retries, and hold a place while it does.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from playground.lib.sentences import Sentence
from playground.upstream.errors import ConnectFailed, FirstTokenTimeout, UpstreamError

FAILURES = 5  # in a row
OPEN_S = 15.0


class ProviderDown(Exception):
    """The provider has not answered for a while; the text says when it is tried again."""


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    closed_again_at: float = 0.0


@dataclass(slots=True)
class Circuits:
    """The breakers of one process, by provider."""

    _circuits: dict[int, _Circuit] = field(default_factory=dict)

    def check(self, provider: int) -> None:
        """Raises ProviderDown. Once the pause is over one run may try; if it fails the pause begins again."""
        circuit = self._circuits.get(provider)
        if circuit is None or circuit.failures < FAILURES:
            return
        wait_s = circuit.closed_again_at - time.monotonic()
        if wait_s > 0:
            text = "The provider does not answer (tries in a row: %(tries)s). It is tried again in %(seconds)s s."
            raise ProviderDown(Sentence(text, tries=circuit.failures, seconds=math.ceil(wait_s)))
        circuit.closed_again_at = time.monotonic() + OPEN_S

    def answered(self, provider: int) -> None:
        """It said something, be it an error: it is there."""
        self._circuits.pop(provider, None)

    def failed(self, provider: int, error: UpstreamError) -> None:
        """Only silence counts: an error reply is an answer."""
        if not isinstance(error, ConnectFailed | FirstTokenTimeout):
            self.answered(provider)
            return
        circuit = self._circuits.setdefault(provider, _Circuit())
        circuit.failures += 1
        circuit.closed_again_at = time.monotonic() + OPEN_S
