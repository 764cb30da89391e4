"""One place of the grid in full: the answer of one repeat, and the figures of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from playground.chat.page import ShownRun
from playground.chat.showing import Amounts, load_amounts, render_or_keep, show_run
from playground.compare.models import Cell, CellState, Square, Sweep
from playground.compare.sweeps.checks import KINDS
from playground.compare.sweeps.grid import ShownSquare, show_square
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.plan import Plan
from playground.compare.sweeps.wording_of_plan import field_label, value_label


@dataclass(frozen=True, slots=True)
class ShownRepeat:
    number: int  # of the cell
    repeat: int  # from 1
    state: str
    state_label: str
    run: ShownRun | None
    attempts: int
    problem: str
    checks: tuple[tuple[str, bool | None], ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class SquarePage:
    sweep: Sweep
    square: ShownSquare
    facts: tuple[tuple[str, str], ...]  # what sets it apart, whole
    question: str
    repeats: tuple[ShownRepeat, ...]
    shown: ShownRepeat
    html: str  # of the answer shown (a SafeString)
    has_answer: bool


def open_square(sweep: Sweep, number: int, *, repeat: int = 0) -> SquarePage | None:
    """None when there is no such place. Three queries."""
    square = Square.objects.select_related("question").filter(sweep=sweep, number=number).first()
    if square is None:
        return None
    plan = plan_of(sweep)
    rows = Cell.objects.filter(square=square).select_related("answer__run").order_by("repeat")
    cells = list(rows.defer("answer__run__text", "answer__run__reasoning", "answer__run__response"))
    amounts = load_amounts(cell.answer.run for cell in cells if cell.answer and cell.answer.run)
    at = min(repeat, len(cells) - 1)
    repeats = tuple(_show(plan, cell, amounts, is_open=cell.repeat == at) for cell in cells)
    answer = cells[at].answer
    is_whole = answer is not None and cells[at].state != CellState.RUNNING
    return SquarePage(
        sweep=sweep,
        square=show_square(plan, square),
        facts=tuple(facts_of(plan, square)),
        question=square.question.text,
        repeats=repeats,
        shown=repeats[at],
        html=render_or_keep(answer) if answer is not None and is_whole else "",
        has_answer=is_whole and bool(answer and answer.run_id),
    )


def _show(plan: Plan, cell: Cell, amounts: Amounts, *, is_open: bool) -> ShownRepeat:
    run = cell.answer.run if cell.answer else None
    labels = [f"{KINDS[check.kind]}: {value_label(check.value)}" for check in plan.checks]
    return ShownRepeat(
        number=cell.number,
        repeat=cell.repeat + 1,
        state=cell.state,
        state_label=str(CellState(cell.state).label),
        run=show_run(run, amounts) if run else None,
        attempts=cell.attempts,
        problem=cell.problem,
        checks=tuple(zip(labels, cell.results, strict=False)),
        is_open=is_open,
    )


def facts_of(plan: Plan, square: Square) -> list[tuple[str, str]]:
    """What sets `square` apart, its values whole."""
    facts = [
        (field_label(axis.field), str(axis.values[at]))
        for axis, at in zip(plan.axes, (square.x, square.y), strict=False)
    ]
    if plan.inputs:
        facts += list(plan.inputs[square.input].items())
    return facts
