"""The large figures of a usage page, each with what it was in the period before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from playground.lib.figures import count, dollars, percent, short_count
from playground.usage.figures import Sums
from playground.usage.filters import ESTIMATED, UNPRICED, Filters
from playground.usage.listing import RUNS
from playground.usage.wording import estimated_words, spend_words, unpriced_words

Number = TypeVar("Number", int, Decimal)


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    figure: str
    url: str  # the runs behind it
    trend: str
    notes: Sequence[Link] = ()


def tiles(filters: Filters, now: Sums, before: Sums) -> list[Tile]:
    def note(text: str, *, status: str | None = None, only: str | None = None) -> Link:
        return Link(text, filters.query(status=status, only=only) + RUNS)

    spend = [note(unpriced_words(now), only=UNPRICED), note(estimated_words(now), only=ESTIMATED)]
    tokens = [note(_counted(short_count, _("%s in"), now.prompt_tokens))]
    tokens += [note(_counted(short_count, _("%s cached"), now.cached_tokens))]
    tokens += [note(_counted(short_count, _("%s out"), now.completion_tokens))]
    runs = [
        note(_counted(count, _("%s failed"), now.failed_runs), status="failed"),
        note(_counted(count, _("%s stopped"), now.stopped_runs), status="stopped"),
        note(_counted(count, _("%s interrupted"), now.interrupted_runs), status="interrupted"),
    ]
    made = [
        (_("Spend"), spend_words(now), _spend_trend(now, before), spend),
        (_("Tokens"), short_count(now.tokens), _trend(now.tokens, before.tokens, short_count, before), tokens),
        (_("Runs"), count(now.runs), _trend(now.runs, before.runs, count, before), runs),
    ]
    url = filters.query(status=None, only=None) + RUNS
    return [Tile(name, figure, url, trend, [one for one in notes if one.text]) for name, figure, trend, notes in made]


def _counted(write: Callable[[int], str], words: str, value: int) -> str:
    """Empty for 0: nothing to follow."""
    return words % write(value) if value else ""


def _spend_trend(now: Sums, before: Sums) -> str:
    if before.runs and (now.known_amount is None or before.known_amount is None):
        return _("no price to compare")
    return _trend(now.amount, before.amount, dollars, before)


def _trend(now: Number, before: Number, write: Callable[[Number], str], sums: Sums) -> str:
    """ "+12% from $10.98", against the period before."""
    if not sums.runs:
        return _("nothing before")
    if not before:
        return _("from %s") % write(before)
    change = Decimal(now - before) / Decimal(before)
    sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else "±"
    values = {"sign": sign, "change": percent(abs(change)), "before": write(before)}
    return _("%(sign)s%(change)s from %(before)s") % values
