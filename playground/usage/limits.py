"""Requests and tokens a minute, of a person or an API key: counted in the cache, which all processes share when there are several.

The minute slides: what the last whole minute had counts for the part of it that is within the last 60 seconds. Nothing of it is
about money, which budgets guard in the database; so when the cache is away nobody is held up.
"""

from __future__ import annotations

import enum
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WINDOW_S = 60
KEPT_S = 3 * WINDOW_S  # until a counter is of no use any more, and a little longer


class Kind(enum.StrEnum):
    REQUESTS = "requests"
    TOKENS = "tokens"

    @property
    def limit(self) -> int:
        """What an operator allows in a minute; 0 means as many as one likes."""
        limits = {Kind.REQUESTS: settings.REQUESTS_PER_MINUTE, Kind.TOKENS: settings.TOKENS_PER_MINUTE}
        return int(limits[self])


class RateLimited(Exception):
    """`retry_after_s`: whole seconds until it would pass; None when it never will, being more than a whole minute may have."""

    def __init__(self, kind: Kind, retry_after_s: int | None) -> None:
        super().__init__(f"{kind} a minute")
        self.kind = kind
        self.limit = kind.limit
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one is from a limit; `reset_s` is when nothing counts any more."""

    limit: int
    remaining: int
    reset_s: float


def person(pk: int) -> str:
    """What a person's counters are called."""
    return f"person:{pk}"


def key(label: str) -> str:
    """What an API key's counters are called."""
    return f"key:{label}"


def take(who: str, *, tokens: Callable[[], int]) -> None:
    """Count a request of `who` and the `tokens` of its prompt, which are asked for only if they are limited. Raises RateLimited.

    Counting comes before looking, so that of any number at once no more pass than may; what is refused does not count.
    """
    try:
        _take(who, Kind.REQUESTS, 1)
        if Kind.TOKENS.limit:
            _take_tokens(who, tokens())
    except (RedisError, OSError):
        log.warning("The cache is away: requests and tokens a minute are not counted", exc_info=True)


def _take_tokens(who: str, tokens: int) -> None:
    try:
        _take(who, Kind.TOKENS, tokens)
    except RateLimited:
        if Kind.REQUESTS.limit:
            _Minute(who, Kind.REQUESTS).add(-1)
        raise


def _take(who: str, kind: Kind, amount: int) -> None:
    if not kind.limit or not amount:
        return
    if amount > kind.limit:
        raise RateLimited(kind, None)
    minute = _Minute(who, kind)
    current = minute.add(amount)
    if minute.weighed_previous + current > kind.limit:
        minute.add(-amount)
        raise RateLimited(kind, minute.wait_for(amount, current - amount))


def add_tokens(who: str, tokens: int) -> None:
    """Count the tokens of an answer, whose number was not known before."""
    if not Kind.TOKENS.limit or tokens <= 0:
        return
    try:
        _Minute(who, Kind.TOKENS).add(tokens)
    except (RedisError, OSError):
        log.warning("The cache is away: tokens a minute are not counted", exc_info=True)


def standing(who: str, kind: Kind) -> Standing | None:
    """None without a limit."""
    if not kind.limit:
        return None
    minute = _Minute(who, kind)
    current = minute.current
    used = math.ceil(minute.weighed_previous + current)
    left_s = WINDOW_S - minute.elapsed_s
    reset_s = WINDOW_S + left_s if current > 0 else left_s if minute.previous > 0 else 0.0
    return Standing(kind.limit, max(kind.limit - used, 0), reset_s)


def headers(who: str) -> dict[str, str]:
    """`x-ratelimit-{limit,remaining,reset}-{requests,tokens}` as OpenAI has them; none for what is not limited.

    https://platform.openai.com/docs/guides/rate-limits
    """
    found: dict[str, str] = {}
    try:
        for kind in Kind:
            if (now := standing(who, kind)) is not None:
                found |= {
                    f"x-ratelimit-limit-{kind}": str(now.limit),
                    f"x-ratelimit-remaining-{kind}": str(now.remaining),
                    f"x-ratelimit-reset-{kind}": go_duration(now.reset_s),
                }
    except (RedisError, OSError):
        log.warning("The cache is away: there are no figures of limits", exc_info=True)
    return found


def go_duration(seconds: float) -> str:
    """As Go writes it: "120ms", "1s", "6m0s", "1h2m3.5s". https://pkg.go.dev/time#Duration.String"""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + text


class _Minute:
    """The counters of `who` at one moment: of this minute of the clock and of the one before."""

    def __init__(self, who: str, kind: Kind) -> None:
        number, self.elapsed_s = divmod(time.time(), WINDOW_S)
        self._name = f"limits:{kind}:{who}:"
        self._number = int(number)
        self._limit = kind.limit
        self.previous: int = cache.get(f"{self._name}{self._number - 1}", 0)

    @property
    def current(self) -> int:
        return int(cache.get(f"{self._name}{self._number}", 0))

    @property
    def weighed_previous(self) -> float:
        """What of the last minute of the clock lies within the last 60 seconds, if it was spread evenly."""
        return self.previous * (1 - self.elapsed_s / WINDOW_S)

    def add(self, amount: int) -> int:
        """The counter of this minute with `amount` in it: in one step, for all processes."""
        name = f"{self._name}{self._number}"
        cache.add(name, 0, KEPT_S)
        return int(cache.incr(name, amount))

    def wait_for(self, amount: int, current: int) -> int:
        """Whole seconds, at least 1, until `amount` more fits, if nothing is added meanwhile."""
        free = self._limit - amount
        if current <= free:  # as soon as enough of the last minute has slid out
            wait_s = WINDOW_S * (1 - (free - current) / self.previous) - self.elapsed_s
        else:  # this minute must become the last one, and slide out in part
            wait_s = WINDOW_S - self.elapsed_s + WINDOW_S * (1 - free / current)
        return max(1, math.ceil(wait_s))
