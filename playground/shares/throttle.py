"""How often a passphrase may be guessed. Counted in the cache, which all processes share when there are several.

By the link's hash, whether there is such a link or not, so that being told to wait says nothing about it. What has opened
before stays open: this holds up those who guess, nobody else. When the cache is away, nobody may guess.
"""

from __future__ import annotations

import hashlib
import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# (of what, how many, in how many seconds)
GUESSES_OF_ONE = ("one", 5, 300)  # of one link, from one address
GUESSES_FROM_ADDRESS = ("address", 30, 300)  # of any links
GUESSES_OF_LINK = ("link", 200, 3600)  # from any addresses
MISSES = ("misses", 60, 60)  # addresses that open nothing, from one visitor's

Rule = tuple[str, int, int]


def may_guess(token_hash: str, address: str) -> bool:
    """Count a guess, and say whether it may be looked at."""
    who = _short(address)
    # The address first: a flood of made-up links must not fill the cache with counters.
    counters = (
        (GUESSES_FROM_ADDRESS, who),
        (GUESSES_OF_ONE, f"{token_hash[:32]}:{who}"),
        (GUESSES_OF_LINK, token_hash[:32]),
    )
    try:
        return all(_count(rule, name) for rule, name in counters)
    except (RedisError, OSError):
        log.warning("The cache is away: no passphrase of a link is looked at", exc_info=True)
        return False


def may_miss(address: str) -> bool:
    """Count a visit to what does not open, and say whether it is one of few."""
    try:
        return _count(MISSES, _short(address))
    except (RedisError, OSError):
        return True  # nothing is looked at, so there is nothing to guess


def _count(rule: Rule, name: str) -> bool:
    """Counting comes before looking, so that of any number at once no more pass than may."""
    kind, limit, seconds = rule
    counter = f"shares:{kind}:{name}:{int(time.time()) // seconds}"
    cache.add(counter, 0, 2 * seconds)
    try:
        return int(cache.incr(counter)) <= limit
    except ValueError:  # pushed out in between
        return False


def _short(address: str) -> str:
    """Also of an address that no cache would take for a name."""
    return hashlib.sha256(address.encode()).hexdigest()[:32]
