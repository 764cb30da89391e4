"""Where what a run wrote can be seen, while it still exists. Each face registers how its runs are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from playground.usage.models import LedgerEntry

if TYPE_CHECKING:
    from playground.accounts.models import User

# Addresses of those runs whose result the user may see; one query.
Finder = Callable[["User", Sequence[UUID]], Mapping[UUID, str]]

_finders: dict[str, Finder] = {}


def register(source: str, finder: Finder) -> None:
    _finders[source] = finder


def places_of(user: User, entries: Iterable[LedgerEntry]) -> dict[UUID, str]:
    """Addresses by run; those whose result is gone are not in it. One query for each source among `entries`."""
    runs: dict[str, list[UUID]] = {}
    for entry in entries:
        runs.setdefault(entry.source, []).append(entry.run)
    found: dict[UUID, str] = {}
    for source, some in runs.items():
        if (finder := _finders.get(source)) is not None:
            found |= finder(user, some)
    return found
