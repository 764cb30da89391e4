"""What the page of a sweep shows, as plain values: heads, squares, progress. A fixed number of queries, whatever the size."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from playground.compare.models import Cell, CellState, Square, Sweep, SweepState
from playground.compare.sweeps.checks import KINDS
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.launching import spent_of
from playground.compare.sweeps.metrics import METRICS
from playground.compare.sweeps.plan import Plan
from playground.compare.sweeps.wording import reason_text
from playground.compare.sweeps.wording_of_plan import axis_label, field_label, input_label, value_label

SQUARES_AT_ONCE = 400  # of one page


@dataclass(frozen=True, slots=True)
class Head:
    label: str
    title: str = ""  # the whole value, when the label is cut short


@dataclass(frozen=True, slots=True)
class ShownFigure:
    name: str
    label: str | Promise
    value: str  # as a number, for the heat map
    said: str


@dataclass(frozen=True, slots=True)
class ShownSquare:
    number: int
    label: str  # what a screen reader says of it
    text: str
    problem: str
    done: int
    total: int
    running: int
    waiting: int
    failed: int
    figures: tuple[ShownFigure, ...]
    finish: str
    is_unpriced: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Row:
    head: Head
    squares: tuple[ShownSquare, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, and what it cost so far."""

    state: str
    state_label: str
    reason: str
    done: int
    failed: int
    stopped: int
    running: int
    waiting: int
    spent: Decimal
    cap: Decimal | None
    is_unpriced: bool
    revision: int
    is_live: bool  # something goes on: ask again

    @property
    def total(self) -> int:
        return self.done + self.failed + self.stopped + self.running + self.waiting

    @property
    def ended(self) -> int:
        return self.done + self.failed + self.stopped

    @property
    def can_run_again(self) -> bool:
        return bool(self.failed or self.stopped) and self.state != SweepState.STOPPED


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check, and how many answers of each column passed it."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GridPage:
    sweep: Sweep
    plan: Plan
    corner: str  # what stands above the heads of the rows
    columns: tuple[Head, ...]
    rows: tuple[Row, ...]
    checks: tuple[CheckRow, ...]
    progress: Progress
    metrics: tuple[tuple[str, str | Promise], ...]  # those that the plan can have
    page: int
    pages: int
    setting: tuple[tuple[str, str], ...]  # what all cells have in common
    created_at: datetime.datetime

    @property
    def previous_page(self) -> int:
        return self.page - 1

    @property
    def next_page(self) -> int:
        return self.page + 1


def open_grid(sweep: Sweep, *, page: int = 1) -> GridPage:
    """Four queries, whatever its size."""
    plan = plan_of(sweep)
    shape = Shape(plan)
    pages = max(-(-shape.rows // shape.rows_at_once), 1)
    page = min(max(page, 1), pages)
    squares = list(Square.objects.filter(sweep=sweep))
    shown = [show_square(plan, square) for square in squares]
    placed = {shape.place(square): one for square, one in zip(squares, shown, strict=True)}
    first = (page - 1) * shape.rows_at_once
    rows = range(first, min(first + shape.rows_at_once, shape.rows))
    return GridPage(
        sweep=sweep,
        plan=plan,
        corner=shape.corner(),
        columns=tuple(shape.column_head(column) for column in range(shape.columns)),
        rows=tuple(
            Row(shape.row_head(row), tuple(placed[row, column] for column in range(shape.columns))) for row in rows
        ),
        checks=tuple(check_rows(plan, shape, squares)),
        progress=open_progress(sweep),
        metrics=tuple(metrics_of(plan)),
        page=page,
        pages=pages,
        setting=tuple(_setting(plan)),
        created_at=sweep.created_at,
    )


def open_news(sweep: Sweep, *, after: int, page: int) -> dict[str, Any]:
    """What `_news.html` shows: the squares of that page that changed after the revision `after`, and how far it is. Five queries."""
    plan = plan_of(sweep)
    shape = Shape(plan)
    changed = Square.objects.filter(sweep=sweep, revision__gt=after)
    # What passes checks is counted over all squares.
    squares = list(Square.objects.filter(sweep=sweep) if plan.checks else changed)
    rows = range((page - 1) * shape.rows_at_once, page * shape.rows_at_once)
    shown = [one for one in squares if one.revision > after and shape.place(one)[0] in rows]
    return {
        "squares": [show_square(plan, square) for square in shown],
        "checks": list(check_rows(plan, shape, squares)),
        "progress": open_progress(sweep),
        "page": page,
    }


def open_progress(sweep: Sweep) -> Progress:
    """Three queries."""
    states = dict(Cell.objects.filter(sweep=sweep).order_by().values_list("state").annotate(Count("pk")))
    return Progress(
        state=sweep.state,
        state_label=str(SweepState(sweep.state).label),
        reason=reason_text(sweep.reason),
        done=states.get(CellState.DONE, 0),
        failed=states.get(CellState.FAILED, 0),
        stopped=states.get(CellState.STOPPED, 0),
        running=states.get(CellState.RUNNING, 0),
        waiting=states.get(CellState.WAITING, 0),
        spent=spent_of(sweep),
        cap=sweep.cap,
        is_unpriced=Square.objects.filter(sweep=sweep, figures__is_unpriced=True).exists(),
        revision=sweep.revision,
        is_live=sweep.is_driven,
    )


class Shape:
    """Which square stands where: without inputs the second axis makes the rows, with inputs each input is one."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.has_inputs = bool(plan.inputs)
        self.rows = len(plan.inputs) if self.has_inputs else plan.height
        self.columns = plan.width * plan.height if self.has_inputs else plan.width
        self.rows_at_once = max(SQUARES_AT_ONCE // self.columns, 1)

    def place(self, square: Square) -> tuple[int, int]:
        if self.has_inputs:
            return square.input, square.x * self._plan.height + square.y
        return square.y, square.x

    def column_of(self, square: Square) -> int:
        return self.place(square)[1]

    def corner(self) -> str:
        if self.has_inputs:
            return ", ".join(self._plan.inputs[0])
        return field_label(self._plan.axes[1].field) if len(self._plan.axes) > 1 else ""

    def column_head(self, column: int) -> Head:
        plan = self._plan
        if not plan.axes:
            return Head(_("Answer"))
        if not self.has_inputs or len(plan.axes) == 1:
            return Head(axis_label(plan, 0, column), str(plan.axes[0].values[column]))
        x, y = divmod(column, plan.height)
        values = f"{plan.axes[0].values[x]} · {plan.axes[1].values[y]}"
        return Head(f"{axis_label(plan, 0, x)} · {axis_label(plan, 1, y)}", values)

    def row_head(self, row: int) -> Head:
        plan = self._plan
        if self.has_inputs:
            written = "\n".join(f"{name}: {value}" for name, value in plan.inputs[row].items())
            return Head(input_label(plan.inputs[row], row), written[:2000])
        if len(plan.axes) > 1:
            return Head(axis_label(plan, 1, row), str(plan.axes[1].values[row])[:2000])
        return Head(_("Answers"))


def show_square(plan: Plan, square: Square) -> ShownSquare:
    figures: Mapping[str, Any] = square.figures
    states: Mapping[str, int] = figures.get("states", {})
    done = states.get(CellState.DONE, 0)
    return ShownSquare(
        number=square.number,
        label=_square_label(plan, square),
        text=figures.get("text", ""),
        problem=figures.get("problem", ""),
        done=done,
        total=plan.repeats,
        running=states.get(CellState.RUNNING, 0),
        waiting=states.get(CellState.WAITING, plan.repeats if not states else 0),
        failed=states.get(CellState.FAILED, 0) + states.get(CellState.STOPPED, 0),
        figures=tuple(_shown_figures(figures)),
        finish=_finish(figures.get("finish", {}), done),
        is_unpriced=bool(figures.get("is_unpriced")),
        revision=square.revision,
    )


def _square_label(plan: Plan, square: Square) -> str:
    parts = [axis_label(plan, axis, at) for axis, at in enumerate((square.x, square.y)[: len(plan.axes)])]
    if plan.inputs:
        parts.append(input_label(plan.inputs[square.input], square.input))
    return ", ".join(parts) or _("Answer")


def _shown_figures(figures: Mapping[str, Any]) -> Iterable[ShownFigure]:
    for metric in METRICS.values():
        if (value := metric.read(figures)) is not None:
            yield ShownFigure(metric.name, metric.label, f"{value:.9g}", metric.say(value))


def _finish(reasons: Mapping[str, int], done: int) -> str:
    """ "stop" when all of them are; "stop 4, length 1" otherwise."""
    if len(reasons) <= 1:
        return next(iter(reasons), "")
    return ", ".join(f"{name[:20]} {count}" for name, count in reasons.items())


def metrics_of(plan: Plan) -> Iterable[tuple[str, str | Promise]]:
    """What repeats or checks are needed for is left out without them."""
    left_out = set() if plan.repeats > 1 else {"identical", "similarity", "distinct", "fingerprints"}
    left_out |= set() if plan.checks else {"passed"}
    return ((metric.name, metric.label) for metric in METRICS.values() if metric.name not in left_out)


def check_rows(plan: Plan, shape: Shape, squares: Sequence[Square]) -> Iterable[CheckRow]:
    """Counted from the figures of all squares."""
    for at, check in enumerate(plan.checks):
        passed, judged = [0] * shape.columns, [0] * shape.columns
        for square in squares:
            if "passed" in square.figures:
                column = shape.column_of(square)
                passed[column] += square.figures["passed"][at]
                judged[column] += square.figures["judged"][at]
        label = f"{KINDS[check.kind]}: {value_label(check.value)}"
        yield CheckRow(
            label, tuple(_("%(n)d of %(of)d") % {"n": n, "of": of} for n, of in zip(passed, judged, strict=True))
        )


def _setting(plan: Plan) -> Iterable[tuple[str, str]]:
    """What no axis varies."""
    varied = {axis.field for axis in plan.axes}
    if "model" not in varied:
        yield field_label("model"), plan.model
    if plan.preset and "preset" not in varied:
        yield field_label("preset"), plan.preset
    for name, value in plan.parameters.items():
        if name not in varied:
            yield field_label(name), value_label(value)
