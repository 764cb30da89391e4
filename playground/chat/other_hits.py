"""What other faces have for the search besides conversations. Each registers how its things are found."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.chat.search import words_of

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class OtherHit:
    url: str
    kind: str  # what it is, in words
    title: Sequence[tuple[str, bool]]  # pieces, and whether they match: plain text, escaped by the template
    updated_at: datetime.datetime


# What of the user's holds all those words; few queries.
Finder = Callable[["User", Sequence[str]], list[OtherHit]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    _finders.append(finder)


def find_others(user: User, query: str) -> list[OtherHit]:
    """The latest first. Nothing without a word in the query."""
    words = words_of(query)
    found = [hit for finder in _finders for hit in finder(user, words)] if words else []
    return sorted(found, key=lambda hit: hit.updated_at, reverse=True)
