"""The charts and lists of a usage page: spend and tokens over time, and by what they were spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from playground.usage.charts import Chart, Point, Series, Top, TopList, Unit, bar_chart, stack, top_list
from playground.usage.figures import Sums
from playground.usage.filters import NONE, Filters
from playground.usage.listing import RUNS
from playground.usage.periods import Slot
from playground.usage.selects import ALWAYS_THERE, value_label
from playground.usage.wording import estimated_words, runs_words, spend_words, tokens_words, unpriced_words


def charts(filters: Filters, slots: Sequence[Slot], columns: Mapping[str, Sequence[Sums]]) -> list[Chart]:
    """Of the sums of each slot by model."""
    days = [sum(column, Sums()) for column in zip(*columns.values(), strict=True)] or [Sums()] * len(slots)
    points = [_point(filters, slot, sums) for slot, sums in zip(slots, days, strict=True)]
    spend = {name: [sums.known_amount for sums in column] for name, column in columns.items()}
    paid = {name: column for name, column in spend.items() if any(column)} or spend
    titles = _titles(slots)
    return [
        bar_chart(
            name="chart-spend",
            title=titles[0],
            points=points,
            series=stack(paid),
            unit=Unit.DOLLARS,
            empty=_("No price is known.") if any(day.unpriced_runs for day in days) else _("Nothing was spent."),
        ),
        bar_chart(name="chart-tokens", title=titles[1], points=points, series=_tokens(days), unit=Unit.COUNT),
    ]


def _titles(slots: Sequence[Slot]) -> tuple[str, str]:
    if slots[0].is_month:
        return _("Spend by month"), _("Tokens by month")
    if any(slot.days > 1 for slot in slots):
        return _("Spend by week"), _("Tokens by week")
    return _("Spend by day"), _("Tokens by day")


def _tokens(days: Sequence[Sums]) -> list[Series]:
    found = [
        Series(_("Input"), [max(sums.prompt_tokens - sums.cached_tokens, 0) for sums in days]),
        Series(_("Output"), [sums.completion_tokens for sums in days]),
        Series(_("Cached input"), [sums.cached_tokens for sums in days]),
    ]
    return found if any(found[-1].values) else found[:-1]


def _point(filters: Filters, slot: Slot, sums: Sums) -> Point:
    notes = [note for note in (unpriced_words(sums), estimated_words(sums)) if note]
    url = filters.query(slot, status=None, only=None) + RUNS if sums.runs else ""
    return Point(slot.label, slot.title, url=url, note=", ".join(notes))


def lists(filters: Filters, found: Mapping[str, Sequence[tuple[str, Sums]]]) -> list[TopList]:
    """The largest of each dimension; presets and keys only if some run has one."""
    titles = {"model": _("By model"), "source": _("By source"), "preset": _("By preset"), "key": _("By key")}
    return [
        _list(filters, name, title, found[name])
        for name, title in titles.items()
        if name in ALWAYS_THERE or any(value for value, _sums in found[name])
    ]


def _list(filters: Filters, name: str, title: str, pairs: Sequence[tuple[str, Sums]]) -> TopList:
    """By spend; by tokens where nothing has cost anything."""
    has_amounts = any(sums.amount for _value, sums in pairs)
    rows = [
        Top(
            value_label(name, value),
            sums.known_amount if has_amounts else sums.tokens,
            figure=spend_words(sums),
            note=_note(sums),
            url=_url(filters, name, value),
        )
        for value, sums in pairs
    ]
    return top_list(name=f"by-{name}", title=title, rows=rows, unit=Unit.DOLLARS if has_amounts else Unit.COUNT)


def _url(filters: Filters, name: str, value: str) -> str:
    changes: dict[str, Any] = {"status": None, "only": None, name: value or NONE}
    return filters.query(**changes) + RUNS


def _note(sums: Sums) -> str:
    unpriced = "" if sums.is_unpriced else unpriced_words(sums)
    return " · ".join(word for word in (runs_words(sums), tokens_words(sums), unpriced, estimated_words(sums)) if word)
