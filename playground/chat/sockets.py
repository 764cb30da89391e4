"""The open sockets of this process, and whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

SESSION_GONE = 4401


class Visitor(NamedTuple):
    """Who opened a socket: the person's key, and the hash that ends with their password and their sessions."""

    person: int
    session_hash: str


class Page(Protocol):
    async def close(self, code: int | None = None, reason: str | None = None) -> None: ...


_visitors: dict[Page, Visitor] = {}


def add(page: Page, visitor: Visitor) -> None:
    _visitors[page] = visitor


def discard(page: Page) -> None:
    _visitors.pop(page, None)


def visitors() -> set[Visitor]:
    return set(_visitors.values())


async def close_where(is_meant: Callable[[Visitor], bool]) -> None:
    """Close the sockets of whom `is_meant` holds for; their pages ask for a sign-in."""
    meant = [page for page, visitor in _visitors.items() if is_meant(visitor)]
    await asyncio.gather(*(page.close(SESSION_GONE) for page in meant), return_exceptions=True)
