"""When a failed try is worth another, and how long to wait: as OpenAI's own clients do, within 30 seconds."""

from __future__ import annotations

from playground.upstream.errors import UpstreamError

TRIES = 3
MAX_WAIT_S = 30.0  # a server that asks for more is not asked again
_FIRST_S, _MOST_S = 0.5, 8.0


def delay_before(attempt: int, error: UpstreamError, chance: float) -> float | None:
    """Seconds to wait before try number `attempt` (2, 3, ...) after `error`; None when there shall be none.

    `chance` is a random number from 0 to 1 that spreads the tries of many clients.
    """
    if attempt > TRIES or not error.is_retryable:
        return None
    if error.retry_after_s is not None and error.retry_after_s > 0:
        return error.retry_after_s if error.retry_after_s <= MAX_WAIT_S else None
    return float(min(_FIRST_S * 2 ** (attempt - 2), _MOST_S) * (1 - 0.25 * chance))
