"""The charts of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.review.breakdowns import error_runs
from playground.review.selection import Selection
from playground.review.waits import Waits
from playground.usage.charts import Chart, Point, Series, Unit, bar_chart, line_chart, stack
from playground.usage.figures import Sums
from playground.usage.periods import Slot
from playground.usage.wording import source_label

Slots = Mapping[tuple[int, str], Sums]  # by slot of the period and what the costs are stacked by


def charts(
    selection: Selection, found: Slots, people: Sequence[int], waits: Mapping[int, Waits], stacked_by: str
) -> list[Chart]:
    """Cost, tokens, runs, errors, first token, people; each point leads to its runs. No query."""
    slots = selection.period.slots()
    totals = [Sums()] * len(slots)
    for (at, _name), sums in found.items():
        totals[at] += sums
    points = _points(selection, slots, totals)
    errors = _points(selection, slots, totals, status="errors")
    return [
        _cost(points, found, len(slots), stacked_by),
        _tokens(points, totals),
        bar_chart(
            name="chart-runs",
            title=_("Runs"),
            points=points,
            series=[Series(_("Runs"), [one.runs for one in totals])],
            unit=Unit.COUNT,
        ),
        _errors(errors, totals),
        _waits(points, [waits.get(at, Waits()) for at in range(len(slots))]),
        bar_chart(
            name="chart-people",
            title=_("Active people"),
            points=points,
            series=[Series(_("People"), people)],
            unit=Unit.COUNT,
            summary=_("At most %(count)d at once.") % {"count": max(people, default=0)},
        ),
    ]


def _points(selection: Selection, slots: Sequence[Slot], totals: Sequence[Sums], **more: str) -> list[Point]:
    runs = reverse("usage_review_runs")
    return [
        Point(slot.label, slot.title, f"{runs}?{selection.days_query(slot, **more)}", _note(sums))
        for slot, sums in zip(slots, totals, strict=True)
    ]


def _note(sums: Sums) -> str:
    if not sums.unpriced_runs:
        return ""
    return ngettext("%(count)d unpriced", "%(count)d unpriced", sums.unpriced_runs) % {"count": sums.unpriced_runs}


def _cost(points: Sequence[Point], found: Slots, count: int, stacked_by: str) -> Chart:
    columns: dict[str, list[Any]] = {}
    for (at, name), sums in found.items():
        shown = source_label(name) if stacked_by == "source" else name
        columns.setdefault(shown, [0] * count)[at] += sums.amount
    return bar_chart(name="chart-cost", title=_("Cost"), points=points, series=stack(columns), unit=Unit.DOLLARS)


def _tokens(points: Sequence[Point], totals: Sequence[Sums]) -> Chart:
    series = [
        Series(_("Input"), [max(one.prompt_tokens - one.cached_tokens, 0) for one in totals]),
        Series(_("Cached input"), [one.cached_tokens for one in totals]),
        Series(_("Output"), [one.completion_tokens for one in totals]),
    ]
    return bar_chart(name="chart-tokens", title=_("Tokens"), points=points, series=series, unit=Unit.COUNT)


def _errors(points: Sequence[Point], totals: Sequence[Sums]) -> Chart:
    series = [
        Series(_("Failed"), [one.failed_runs for one in totals]),
        Series(_("Interrupted"), [one.interrupted_runs for one in totals]),
    ]
    count = sum(map(error_runs, totals))
    summary = ngettext("%(count)d error.", "%(count)d errors.", count) % {"count": count}
    return bar_chart(
        name="chart-errors", title=_("Errors"), points=points, series=series, unit=Unit.COUNT, summary=summary
    )


def _waits(points: Sequence[Point], waits: Sequence[Waits]) -> Chart:
    series = [
        Series(_("p50"), [one.p50 for one in waits]),
        Series(_("p95"), [one.p95 for one in waits]),
    ]
    return line_chart(
        name="chart-first-token", title=_("Time to first token"), points=points, series=series, unit=Unit.MILLISECONDS
    )
