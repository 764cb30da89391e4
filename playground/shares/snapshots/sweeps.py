"""The snapshot of a sweep: what was varied, and for each place of the grid its figures and the answers of its repeats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from playground.chat.models import Role
from playground.chat.showing import SHOWN_CHARACTERS
from playground.compare.models import Cell, CellState, Square, Sweep
from playground.compare.sweeps.figures import excerpt
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.plan import MODEL, PRESET, Axis, Plan
from playground.lib.markdown import render
from playground.shares.errors import TooLarge
from playground.shares.models import Kind, Part
from playground.shares.snapshots import values
from playground.shares.snapshots.conversations import SYSTEM_PROMPT, take_by_uuid, take_image, take_settings
from playground.shares.snapshots.values import Collector, Json, Parts, Snapshot

ENDED = (CellState.DONE, CellState.FAILED, CellState.STOPPED)
# What a square's figures say of the answers themselves, and what only the receipts tell.
OF_ANSWERS = ("length", "finish", "identical", "similarity", "distinct", "passed", "judged")
OF_RECEIPTS = (
    "first_token_ms", "tokens_per_second", "prompt_tokens", "completion_tokens", "cost", "is_unpriced", "fingerprints"
)  # fmt: skip


def take_sweep(sweep: Sweep, parts: Parts) -> Snapshot:
    """What has ended of it by now. Ten queries, whatever its size. Raises TooLarge."""
    plan = plan_of(sweep)
    _check_size(sweep, plan)
    squares = list(Square.objects.filter(sweep=sweep).order_by("number"))
    cells = _cells_of(sweep)
    try:
        return _take(sweep, plan, squares, cells, parts)
    except TooLarge as error:
        advice = _(
            "It would be too large with all the answers of this sweep. Open one of them as a chat, and share that."
        )
        raise TooLarge(advice) from error


def _check_size(sweep: Sweep, plan: Plan) -> None:
    answers = Cell.objects.filter(sweep=sweep, state__in=ENDED, answer__isnull=False).count()
    if max(answers + 1, plan.squares) > values.MAX_MESSAGES:
        reason = _(
            "A link holds %(limit)d places and answers at most, and this sweep has more. Open one of them as a chat, and share that."
        )
        raise TooLarge(reason % {"limit": values.MAX_MESSAGES})


def _cells_of(sweep: Sweep) -> dict[int, list[Cell]]:
    """By their square, in the order of the repeats."""
    rows = Cell.objects.filter(sweep=sweep).select_related("answer").order_by("square__number", "repeat")
    found: dict[int, list[Cell]] = {}
    for cell in rows.only("square", "repeat", "state", "results", "answer", "answer__uuid"):
        found.setdefault(cell.square_id, []).append(cell)
    return found


def _take(
    sweep: Sweep, plan: Plan, squares: Sequence[Square], cells: Mapping[int, Sequence[Cell]], parts: Parts
) -> Snapshot:
    collector = Collector()
    varied = {axis.field for axis in plan.axes}
    parameters = {name: value for name, value in plan.parameters.items() if name not in varied}
    settings = take_settings(plan.model, parameters, parts)
    if MODEL in varied:
        del settings["model"]
    messages = [_take_prompt(plan, squares[0], parts, collector)]
    answers = _take_answers(sweep, cells.values(), parts, collector)
    return collector.snapshot(
        Kind.SWEEP,
        messages=messages,
        plan=_take_plan(plan, parts, collector),
        squares=[_take_square(one, cells.get(one.pk, []), answers, parts, collector) for one in squares],
        **settings,
    )


def _take_plan(plan: Plan, parts: Parts, collector: Collector) -> Json:
    for row in plan.inputs:
        for value in row.values():
            collector.count(value)
    axes = [_take_axis(axis, parts) for axis in plan.axes]
    for axis in axes:
        for value in axis["values"]:
            collector.count(str(value))
    return {
        "axes": axes,
        "inputs": [dict(row) for row in plan.inputs],
        "checks": [check.as_json() for check in plan.checks],
        "repeats": plan.repeats,
        "preset": "" if PRESET in {axis.field for axis in plan.axes} else plan.preset,
    }


def _take_axis(axis: Axis, parts: Parts) -> Json:
    """System prompts that are left out are only numbered."""
    if axis.field == SYSTEM_PROMPT and Part.SYSTEM_PROMPT not in parts:
        return {"field": axis.field, "values": list(range(1, len(axis.values) + 1))}
    return axis.as_json()


def _take_prompt(plan: Plan, square: Square, parts: Parts, collector: Collector) -> Json:
    """What is asked: with `{{name}}` in it where a table of inputs fills that in."""
    question = square.question
    text = plan.text if plan.inputs and plan.text.strip() else question.text
    has_images = Part.IMAGES in parts
    images = question.attachments.select_related("blob") if has_images else ()
    return {
        "role": Role.USER.value,
        "author": "",
        "text": collector.text(text, render(text[:SHOWN_CHARACTERS])),
        "thinking": "",
        "is_edited": False,
        "at": question.created_at.isoformat(),
        "images": [take_image(one, collector) for one in images],
        "omitted_images": 0,
        "run": None,
        "verdict": "",
    }


def _take_answers(
    sweep: Sweep, cells: Iterable[Sequence[Cell]], parts: Parts, collector: Collector
) -> dict[UUID, Json]:
    """Those of cells that have ended."""
    ids = [cell.answer_id for some in cells for cell in some if cell.state in ENDED and cell.answer_id is not None]
    return take_by_uuid(sweep.conversation, ids, parts, collector)


def _take_square(
    square: Square, cells: Sequence[Cell], answers: Mapping[UUID, Json], parts: Parts, collector: Collector
) -> Json:
    taken = [_take_cell(cell, answers) for cell in cells if cell.state in ENDED]
    names = (*OF_ANSWERS, *OF_RECEIPTS) if Part.RECEIPTS in parts else OF_ANSWERS
    figures: dict[str, Any] = {name: square.figures[name] for name in names if name in square.figures}
    texts = (collector.texts[one["message"]["text"]] for one in taken if one["message"])
    figures["text"] = excerpt(next((text for text in texts if text), ""))
    states = [cell.state if cell.state in ENDED else CellState.WAITING.value for cell in cells]
    figures["states"] = {state: states.count(state) for state in dict.fromkeys(states)}
    return {"figures": figures, "answers": taken}


def _take_cell(cell: Cell, answers: Mapping[UUID, Json]) -> Json:
    """Without the reason when it could not be sent: providers and we speak of accounts and addresses there."""
    message = answers.get(cell.answer.uuid) if cell.answer else None
    return {"repeat": cell.repeat, "state": cell.state, "message": message, "checks": list(cell.results)}
