"""The list of runs, a page or a whole file at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from playground.usage.filters import Filters, Place
from playground.usage.models import LedgerEntry
from playground.usage.models.ledger import LedgerQuerySet
from playground.usage.places import places_of
from playground.usage.wording import amount_words, source_label, status_label

if TYPE_CHECKING:
    from playground.accounts.models import User

PAGE_ROWS = 50
FILE_ROWS = 500  # fetched at a time
RUNS = "#runs"  # the list, on its page
# Not needed for a line, and long.
_LONG = ("usage",)

FILE_HEAD = (
    *("ran_at", "run", "source", "provider", "model", "resolved_model", "preset", "key", "status"),
    *("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "is_estimated"),
    *("input_price", "cached_price", "output_price", "amount_usd", "corrections_usd", "cost_usd"),
    *("first_token_ms", "duration_ms"),
)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """A line of the list."""

    entry: LedgerEntry
    source: str
    status: str
    cost: str  # "$1.20", "≈$1.20", "unpriced"
    url: str  # its receipt
    place_url: str  # where its result stands; empty when that is gone

    @property
    def resolved_model(self) -> str:
        """What the server said it was, where that tells something new."""
        asked = self.entry.model_name.partition("/")[2]
        return self.entry.resolved_model if self.entry.resolved_model != asked else ""


@dataclass(frozen=True, slots=True)
class RunList:
    lines: Sequence[ShownEntry]
    older_url: str = ""
    newest_url: str = ""  # empty at the beginning of the list


def list_runs(user: User, filters: Filters) -> RunList:
    """One page of what `user` ran. Two queries, for any number of runs before and after it."""
    rows = filters.entries(LedgerEntry.objects.visible_to(user)).defer(*_LONG)
    found = list((filters.before.older(rows) if filters.before else rows)[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    places = places_of(user, shown)
    return RunList(
        lines=[show(entry, places.get(entry.run, "")) for entry in shown],
        older_url=filters.query(before=str(Place.of(shown[-1]))) + RUNS if len(found) > PAGE_ROWS else "",
        newest_url=filters.query() + RUNS if filters.before else "",
    )


def show(entry: LedgerEntry, place_url: str) -> ShownEntry:
    return ShownEntry(
        entry=entry,
        source=source_label(entry.source),
        status=status_label(entry.status),
        cost=amount_words(entry.cost, is_estimated=entry.is_estimated and bool(entry.cost)),
        url=reverse("usage_run", args=[entry.run]),
        place_url=place_url,
    )


def file_rows(rows: LedgerQuerySet, filters: Filters) -> Iterator[Sequence[Sequence[Any]]]:
    """Lines of a file, some at a time, newest first. One short query for each time; nothing is held in between."""
    place: Place | None = None
    while True:
        wanted = filters.entries(rows).defer(*_LONG)
        found = list((place.older(wanted) if place else wanted)[:FILE_ROWS])
        if found:
            yield [file_row(entry) for entry in found]
        if len(found) < FILE_ROWS:
            return
        place = Place.of(found[-1])


def file_row(entry: LedgerEntry) -> Sequence[Any]:
    """Of FILE_HEAD. An unpriced run has an empty amount."""
    return (
        *(entry.ran_at, entry.run, entry.source, entry.provider, entry.model_name, entry.resolved_model),
        *(entry.preset, entry.key, entry.status),
        *(
            entry.prompt_tokens,
            entry.cached_tokens,
            entry.completion_tokens,
            entry.reasoning_tokens,
            entry.is_estimated,
        ),
        *(entry.input_price, entry.cached_price, entry.output_price, entry.amount, entry.corrected, entry.cost),
        *(entry.first_token_ms, entry.duration_ms),
    )
