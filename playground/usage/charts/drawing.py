"""Bars and lines over time.

They are drawn in a box of their own that stretches to the room there is. Letters stand outside of it and keep their size.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.usage.charts.scales import Unit, Value, nice_ticks, write, write_ticks
from playground.usage.charts.shapes import (
    HIGH,
    PLOT_PX,
    TOP_PX,
    AxisLabel,
    Chart,
    Hit,
    Mark,
    Point,
    Row,
    Series,
    Tick,
    number_text,
)

MOST_SERIES = 6  # colours that are told apart; what is beyond is "other"
BAR_SHARE = 0.8  # of the room of a point
LEAST_BAR = 9  # units, about a pixel and a half: something is never drawn as nothing
MOST_LABELS = 8  # below the axis where there is room; every second of them on a phone
CHARACTER_PX = 7


def bar_chart(
    *,
    name: str,
    title: str,
    points: Sequence[Point],
    series: Sequence[Series],
    unit: Unit,
    summary: str = "",
    empty: str = "",
) -> Chart:
    """Bars over time, several series on top of each other.

    `summary` is what is read out, by default sum and peak; `empty` is said when there is neither.
    """
    series = series or [Series(title, [0] * len(points))]
    columns = _columns(series, points)
    sums = [_sum(column) for column in columns]
    ticks = nice_ticks(max(sums, default=Decimal(0)), is_whole=unit == Unit.COUNT)
    tones = [tone_of(number, one) for number, one in enumerate(series)]
    bars = [bar for at, column in enumerate(columns) for bar in _bars(at, column, tones, ticks[-1])]
    cells = [[write(value, unit) for value in column] for column in columns]
    head = [one.name for one in series]
    if len(series) > 1:
        head.append(_("Total"))
        cells = [[*row, write(_as(one, unit), unit)] for row, one in zip(cells, sums, strict=True)]
    return _chart(
        name=name,
        title=title,
        summary=summary or _sum_and_peak(points, sums, unit) or empty,
        empty=empty,
        points=points,
        series=series,
        scale=(ticks, unit),
        marks=(bars, ()),
        table=(head, cells),
    )


def line_chart(
    *,
    name: str,
    title: str,
    points: Sequence[Point],
    series: Sequence[Series],
    unit: Unit,
    summary: str = "",
    empty: str = "",
) -> Chart:
    """A line for each series, with a gap where a value is not known. For what cannot be added up, such as percentiles."""
    series = series or [Series(title, [None] * len(points))]
    most = max((Decimal(value) for one in series for value in one.values if value is not None), default=Decimal(0))
    ticks = nice_ticks(most, is_whole=unit == Unit.COUNT)
    lines = [line for number, one in enumerate(series) for line in _lines(one, tone_of(number, one), ticks[-1])]
    peak = _("Highest: %(value)s.") % {"value": write(_as(most, unit), unit)} if most else ""
    return _chart(
        name=name,
        title=title,
        summary=summary or peak or empty,
        empty=empty,
        points=points,
        series=series,
        scale=(ticks, unit),
        marks=((), lines),
        table=(
            [one.name for one in series],
            [[write(value, unit) for value in column] for column in _columns(series, points)],
        ),
    )


def stack(values: Mapping[str, Sequence[Value]], *, most: int = MOST_SERIES) -> list[Series]:
    """Series by name, the largest first; what is beyond `most` of them is added up, as others."""
    sums = {name: _sum(column) for name, column in values.items()}
    names = sorted(values, key=lambda name: (-sums[name], name))
    shown = [Series(name, values[name]) for name in names[:most]]
    if rest := names[most:]:
        columns = zip(*(values[name] for name in rest), strict=True)
        added = [sum((value for value in column if value is not None), start=0) for column in columns]
        label = ngettext("%(count)d other", "%(count)d others", len(rest)) % {"count": len(rest)}
        shown.append(Series(label, added, is_other=True))
    return shown


def tone_of(number: int, series: Series) -> str:
    """The name of a colour, a class of static/css/components/chart.css."""
    return "other" if series.is_other or number >= MOST_SERIES else str(number + 1)


# --- marks ---


def _bars(at: int, column: Sequence[Value], tones: Sequence[str], most: Decimal) -> Iterable[Mark]:
    # So thin a stack shows its largest part alone, thick enough to be seen.
    is_thin = 0 < _sum(column) / most * HIGH < LEAST_BAR
    largest = max(range(len(column)), key=lambda number: column[number] or 0)
    below = 0.0
    for number, value in enumerate(column):
        if not value or value < 0 or (is_thin and number != largest):
            continue
        height = LEAST_BAR if is_thin else float(value / most * HIGH)
        yield Mark(
            tone=tones[number],
            x=number_text(at + (1 - BAR_SHARE) / 2),
            width=number_text(BAR_SHARE),
            y=number_text(HIGH - below - height),
            height=number_text(height),
        )
        below += height


def _lines(series: Series, tone: str, most: Decimal) -> Iterable[Mark]:
    for is_known, some in itertools.groupby(enumerate(series.values), key=lambda pair: pair[1] is not None):
        if not is_known:
            continue
        places = [(at + 0.5, HIGH - float(Decimal(value or 0) / most * HIGH)) for at, value in some]
        if len(places) == 1:  # a line of one point would have no length
            places = [(places[0][0] - 0.25, places[0][1]), (places[0][0] + 0.25, places[0][1])]
        yield Mark(tone=tone, points=" ".join(f"{number_text(x)},{number_text(y)}" for x, y in places))


# --- what stands around them ---


def _chart(
    *,
    name: str,
    title: str,
    summary: str,
    empty: str,
    points: Sequence[Point],
    series: Sequence[Series],
    scale: tuple[Sequence[Decimal], Unit],
    marks: tuple[Sequence[Mark], Sequence[Mark]],
    table: tuple[Sequence[str], Sequence[Sequence[str]]],
) -> Chart:
    texts = write_ticks(*scale)
    head, cells = table
    has_notes = any(point.note for point in points)
    return Chart(
        name=name,
        title=title,
        summary=summary or _("Nothing in this period."),
        empty=empty or _("Nothing in this period."),
        legend=[(one.name, tone_of(number, one)) for number, one in enumerate(series)] if len(series) > 1 else (),
        ticks=_ticks(scale[0], texts),
        labels=_labels(points),
        bars=marks[0],
        lines=marks[1],
        hits=_hits(points, head, cells),
        head=[*head, _("Note")] if has_notes else head,
        rows=[
            Row(point.title, point.url, [*row, point.note] if has_notes else row)
            for point, row in zip(points, cells, strict=True)
        ],
        is_empty=not any(value for one in series for value in one.values),
        view_box=f"0 0 {max(len(points), 1)} {HIGH}",
        scale_px=str(CHARACTER_PX * max(map(len, texts)) + 8),
    )


def _ticks(ticks: Sequence[Decimal], texts: Sequence[str]) -> list[Tick]:
    heights = [TOP_PX + PLOT_PX - float(tick / ticks[-1]) * PLOT_PX for tick in ticks]
    return [Tick(number_text(y), number_text(y + 4), text) for y, text in zip(heights, texts, strict=True)]


def _labels(points: Sequence[Point]) -> list[AxisLabel]:
    """At equal distances, so few that they never touch."""
    step = max(1, -(-len(points) // MOST_LABELS))
    return [
        AxisLabel(f"{number_text((at + 0.5) * 100 / len(points))}%", points[at].label, is_wide=bool(number % 2))
        for number, at in enumerate(range(0, len(points), step))
    ]


def _hits(points: Sequence[Point], head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[Hit]:
    width = 100 / max(len(points), 1)
    return [
        Hit(f"{number_text(at * width)}%", f"{number_text(width)}%", _words(point, head, row), point.url)
        for at, (point, row) in enumerate(zip(points, cells, strict=True))
    ]


def _words(point: Point, head: Sequence[str], cells: Sequence[str]) -> str:
    """ "12 March 2026", and below it each figure with its name."""
    figures = [f"{name}: {cell}" for name, cell in zip(head, cells, strict=True)]
    return "\n".join([point.title, *figures, *([point.note] if point.note else [])])


def _sum_and_peak(points: Sequence[Point], sums: Sequence[Decimal], unit: Unit) -> str:
    if not any(sums):
        return ""
    peak = max(range(len(sums)), key=lambda at: sums[at])
    values = {
        "total": write(_as(_sum(sums), unit), unit),
        "most": write(_as(sums[peak], unit), unit),
        "when": points[peak].title,
    }
    return _("%(total)s in all; the most, %(most)s: %(when)s.") % values


def _columns(series: Sequence[Series], points: Sequence[Point]) -> list[tuple[Value, ...]]:
    """The values of each point. ValueError when a series has not one for each."""
    if any(len(one.values) != len(points) for one in series):
        raise ValueError("a series has one value for each point")
    return list(zip(*(one.values for one in series), strict=True))


def _sum(values: Iterable[Value]) -> Decimal:
    return sum((Decimal(value) for value in values if value is not None), Decimal(0))


def _as(value: Decimal, unit: Unit) -> Value:
    return value if unit == Unit.DOLLARS else int(value)
