"""Whether a price row may still change: not once an amount was computed from it, for that amount names it.

The app that computes them stands above this one, so it registers its look-up here, in its `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

Look = Callable[[Collection[int]], set[int]]

_looks: list[Look] = []


def register(look: Look) -> None:
    """`look` is given keys of price rows and returns those that something was computed from."""
    _looks.append(look)


def in_use(prices: Collection[int]) -> set[int]:
    """Those of the price rows with these keys that must stay as they are. No query for none."""
    return set().union(*(look(prices) for look in _looks)) if prices else set()
