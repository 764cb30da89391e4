"""The snapshot of a sweep as a grid, with the words and figures that the page of a sweep has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from playground.compare.models import CellState, Square
from playground.compare.sweeps.checks import KINDS
from playground.compare.sweeps.grid import CheckRow, Head, Shape, ShownSquare, check_rows, metrics_of, show_square
from playground.compare.sweeps.looking import facts_of
from playground.compare.sweeps.plan import SYSTEM_PROMPT, Plan
from playground.compare.sweeps.wording_of_plan import value_label
from playground.shares.snapshots.values import Json

if TYPE_CHECKING:
    from playground.shares.showing import SharedMessage

Show = Callable[[Json], "SharedMessage"]


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    repeat: int  # from 1
    state: str
    state_label: str
    message: SharedMessage | None
    checks: Sequence[tuple[str, bool | None]]


@dataclass(frozen=True, slots=True)
class SharedSquare:
    square: ShownSquare
    facts: Sequence[tuple[str, str]]
    answers: Sequence[SharedAnswer]


@dataclass(frozen=True, slots=True)
class SharedRow:
    head: Head
    squares: Sequence[SharedSquare]


@dataclass(frozen=True, slots=True)
class SharedSweep:
    """What templates/shares/_sweep.html takes."""

    preset: str
    repeats: int
    runs: int
    ended: int
    corner: str
    columns: Sequence[Head]
    rows: Sequence[SharedRow]
    checks: Sequence[CheckRow]
    metrics: Sequence[tuple[str, str | Promise]]


def show_sweep(content: Json, show: Show) -> SharedSweep:
    """`show` makes a message of the snapshot one of the page. No query."""
    plan = _plan_of(content)
    shape = Shape(plan)
    # Rows that are never saved: what they are shown by is the same for a grid and for a snapshot of it.
    squares = [
        Square(number=number, input=place.input, x=place.x, y=place.y, figures=one["figures"])
        for number, (place, one) in enumerate(zip(plan.places(), content["squares"], strict=True))
    ]
    placed = {
        shape.place(square): _square(plan, square, one, show)
        for square, one in zip(squares, content["squares"], strict=True)
    }
    known = {figure.name for one in placed.values() for figure in one.square.figures}
    return SharedSweep(
        preset=plan.preset,
        repeats=plan.repeats,
        runs=plan.runs,
        ended=sum(len(one.answers) for one in placed.values()),
        corner=shape.corner(),
        columns=[shape.column_head(column) for column in range(shape.columns)],
        rows=[
            SharedRow(shape.row_head(row), [placed[row, column] for column in range(shape.columns)])
            for row in range(shape.rows)
        ],
        checks=list(check_rows(plan, shape, squares)),
        metrics=[(name, label) for name, label in metrics_of(plan) if name in known],
    )


def _plan_of(content: Json) -> Plan:
    taken = content["plan"]
    base = {"text": "", "model": content.get("model", ""), "preset": taken["preset"]}
    axes = [{**axis, "values": [_value(axis["field"], value) for value in axis["values"]]} for axis in taken["axes"]]
    return Plan.of_json(base, axes, taken["inputs"], taken["checks"], title="", repeats=taken["repeats"])


def _value(field: str, value: object) -> object:
    """A system prompt that was left out has a number in its place."""
    if field == SYSTEM_PROMPT and isinstance(value, int):
        return _("System prompt %(number)d") % {"number": value}
    return value


def _square(plan: Plan, square: Square, taken: Json, show: Show) -> SharedSquare:
    labels = [f"{KINDS[check.kind]}: {value_label(check.value)}" for check in plan.checks]
    answers = [
        SharedAnswer(
            repeat=one["repeat"] + 1,
            state=one["state"],
            state_label=str(CellState(one["state"]).label),
            message=show(one["message"]) if one["message"] else None,
            checks=list(zip(labels, one["checks"], strict=False)),
        )
        for one in taken["answers"]
    ]
    return SharedSquare(show_square(plan, square), facts_of(plan, square), answers)
