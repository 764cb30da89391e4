"""What goes into a chart, and what its template draws.

All positions are text: a template would write numbers by the reader's locale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playground.usage.charts.scales import Value

HIGH = 1000  # units of the box that stretches to the room there is; across they are one a point
TOP_PX, PLOT_PX, LETTERS_PX = 8, 160, 24


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the time axis."""

    label: str  # short, below the axis
    title: str  # in full
    url: str = ""  # the runs behind it
    note: str = ""  # what its figures do not say, such as "2 unpriced"


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each point."""

    name: str
    values: Sequence[Value]
    is_other: bool = False  # what was left over


# --- what is drawn ---


@dataclass(frozen=True, slots=True)
class Tick:
    y: str
    label_y: str
    text: str


@dataclass(frozen=True, slots=True)
class AxisLabel:
    x: str  # with a percent sign
    text: str
    is_wide: bool  # shown only where there is room


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar, or one line with a place for each of its values."""

    tone: str  # a class of static/css/components/chart.css
    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""
    points: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """The column of a point, for the pointer: what it says and where it leads."""

    x: str
    width: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """The same figures in words, for the table."""

    title: str
    url: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    name: str  # the element's id
    title: str
    summary: str  # what is read out
    empty: str  # what stands over a drawing of nothing
    legend: Sequence[tuple[str, str]]  # name and tone; empty for one series
    ticks: Sequence[Tick]
    labels: Sequence[AxisLabel]
    bars: Sequence[Mark]
    lines: Sequence[Mark]
    hits: Sequence[Hit]
    head: Sequence[str]
    rows: Sequence[Row]
    is_empty: bool  # nothing but zeros and unknowns
    view_box: str
    scale_px: str
    top: str = str(TOP_PX)
    plot: str = str(PLOT_PX)
    hit_height: str = str(TOP_PX + PLOT_PX)
    height: str = str(TOP_PX + PLOT_PX + LETTERS_PX)
    letters_y: str = str(TOP_PX + PLOT_PX + 18)


@dataclass(frozen=True, slots=True)
class TopLine:
    name: str
    figure: str
    note: str
    url: str
    share: str
    width: str  # with a percent sign; of the longest bar


@dataclass(frozen=True, slots=True)
class TopList:
    name: str  # the element's id
    title: str
    lines: Sequence[TopLine]
    more: str  # what the lines leave out, in words


def number_text(number: float) -> str:
    """With a point, whatever the locale, and without digits that no screen shows."""
    return f"{number:.3f}".rstrip("0").rstrip(".") or "0"
