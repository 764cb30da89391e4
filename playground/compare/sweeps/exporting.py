"""The rows of a sweep's files, some cells at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from playground.chat.showing import Amounts, load_amounts, show_run
from playground.compare.models import Cell, Sweep
from playground.compare.sweeps.checks import KINDS
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.launching import spent_of
from playground.compare.sweeps.plan import Plan
from playground.compare.sweeps.wording_of_plan import place_label
from playground.lib.csv import pull

AT_ONCE = 50  # cells; their answers are in memory meanwhile
MEASURED = (
    "state", "attempts", "model", "resolved_model", "preset", "finish_reason", "first_token_ms", "duration_ms",
    "tokens_per_second", "prompt_tokens", "completion_tokens", "is_estimated", "cost_usd", "seed", "system_fingerprint",
    "length", "error", "answer",
)  # fmt: skip


def columns(sweep: Sweep) -> list[str]:
    plan = plan_of(sweep)
    names = list(plan.inputs[0]) if plan.inputs else []
    checks = [f"check {at}: {check.kind}" for at, check in enumerate(plan.checks, start=1)]
    return [*(axis.field for axis in plan.axes), *(f"input {name}" for name in names), "repeat", *MEASURED, *checks]


def csv_rows(sweep: Sweep) -> Iterator[Sequence[Sequence[Any]]]:
    plan = plan_of(sweep)
    for cells in _batches(sweep):
        amounts = load_amounts(cell.answer.run for cell in cells if cell.answer and cell.answer.run)
        yield [_row(plan, cell, amounts) for cell in cells]


async def as_json(sweep: Sweep) -> AsyncIterator[bytes]:
    """One object: the plan, then every cell with its receipt."""
    plan = plan_of(sweep)
    head = {"title": sweep.title, "state": sweep.state, "created_at": sweep.created_at.isoformat(), **plan.base_json()}
    head |= {"axes": sweep.axes, "inputs": sweep.inputs, "checks": sweep.checks, "repeats": sweep.repeats}
    head["cap_usd"] = None if sweep.cap is None else f"{sweep.cap:f}"
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "cells": ['
    separator = b"\n"
    async for cells in pull(_json_batches(sweep)):
        for cell in cells:
            yield separator + json.dumps(cell, ensure_ascii=False).encode()
            separator = b",\n"
    yield b"\n]}\n"


async def as_markdown(sweep: Sweep) -> AsyncIterator[bytes]:
    """Answers under headings that say what sets them apart; a fence longer than any in the answer keeps it apart from ours."""
    async for parts in pull(_markdown_batches(sweep)):
        yield "".join(parts).encode()


def _batches(sweep: Sweep) -> Iterator[list[Cell]]:
    """In the order of the grid."""
    order = list(Cell.objects.filter(sweep=sweep).order_by("square__number", "repeat").values_list("pk", flat=True))
    for first in range(0, len(order), AT_ONCE):
        some = order[first : first + AT_ONCE]
        rows = Cell.objects.filter(pk__in=some).select_related("square", "answer__run")
        found = {cell.pk: cell for cell in rows.defer("answer__html", "answer__run__text", "answer__run__reasoning")}
        yield [found[pk] for pk in some if pk in found]


def _row(plan: Plan, cell: Cell, amounts: Amounts) -> list[Any]:
    facts = _facts(cell, amounts)
    return [
        *_place(plan, cell).values(),
        cell.repeat + 1,
        *(facts.get(name) for name in MEASURED),
        *(cell.results or [None] * len(plan.checks)),
    ]


def _place(plan: Plan, cell: Cell) -> dict[str, Any]:
    square = cell.square
    place = {axis.field: axis.values[at] for axis, at in zip(plan.axes, (square.x, square.y), strict=False)}
    if plan.inputs:
        place |= {f"input {name}": value for name, value in plan.inputs[square.input].items()}
    return place


def _facts(cell: Cell, amounts: Amounts) -> dict[str, Any]:
    run = cell.answer.run if cell.answer else None
    facts: dict[str, Any] = {"state": cell.state, "attempts": cell.attempts, "error": cell.problem or None}
    if cell.answer is None or run is None:
        return facts
    shown = show_run(run, amounts)
    cost = amounts.get(run.uuid)
    return facts | {
        "model": shown.model_name,
        "resolved_model": shown.resolved_model,
        "preset": run.preset,
        "finish_reason": shown.finish_reason,
        "first_token_ms": shown.first_token_ms,
        "duration_ms": shown.duration_ms,
        "tokens_per_second": None if shown.tokens_per_second is None else round(shown.tokens_per_second, 2),
        "prompt_tokens": shown.prompt_tokens,
        "completion_tokens": shown.completion_tokens,
        "is_estimated": shown.is_estimated,
        "cost_usd": cost,  # empty: unpriced
        "seed": shown.seed,
        "system_fingerprint": shown.system_fingerprint,
        "length": len(cell.answer.text),
        "error": shown.error["message"] if shown.error else None,
        "answer": cell.answer.text,
    }


def _json_batches(sweep: Sweep) -> Iterator[list[Mapping[str, Any]]]:
    plan = plan_of(sweep)
    for cells in _batches(sweep):
        amounts = load_amounts(cell.answer.run for cell in cells if cell.answer and cell.answer.run)
        yield [_json_cell(plan, cell, amounts) for cell in cells]


def _json_cell(plan: Plan, cell: Cell, amounts: Amounts) -> dict[str, Any]:
    run = cell.answer.run if cell.answer else None
    facts = _facts(cell, amounts)
    if facts.get("cost_usd") is not None:
        facts["cost_usd"] = f"{facts['cost_usd']:f}"
    return {
        "place": _place(plan, cell),
        "repeat": cell.repeat + 1,
        **facts,
        "checks": cell.results,
        "run": str(run.uuid) if run else None,
        "request": run.request if run else None,
        "receipt": run.receipt if run else None,
    }


def _markdown_batches(sweep: Sweep) -> Iterator[list[str]]:
    plan = plan_of(sweep)
    yield [
        f"# {_line(sweep.title)}\n\n",
        f"- state: {sweep.state}\n- spent: ${spent_of(sweep):f}\n- model: {plan.model}\n",
    ]
    for at, check in enumerate(plan.checks, start=1):
        yield [f"- check {at}: {KINDS[check.kind]} `{_line(check.value)[:200]}`\n"]
    yield ["\n", _fenced(plan.text), "\n"]
    for cells in _batches(sweep):
        amounts = load_amounts(cell.answer.run for cell in cells if cell.answer and cell.answer.run)
        yield [_markdown_cell(plan, cell, amounts) for cell in cells]


def _markdown_cell(plan: Plan, cell: Cell, amounts: Amounts) -> str:
    facts = _facts(cell, amounts)
    said = [f"{name} {facts[name]}" for name in MEASURED if name != "answer" and facts.get(name) not in (None, "")]
    passed = [f"check {at} {_verdict(result)}" for at, result in enumerate(cell.results, start=1)]
    run = cell.answer.run if cell.answer else None
    values = json.dumps(run.receipt.get("values", {}), ensure_ascii=False) if run else ""
    head = f"## {_line(place_label(plan, cell.square)) or 'Answer'}, repeat {cell.repeat + 1}\n\n"
    figures = f"{_line(', '.join(said + passed))}\n\n"
    receipt = f"Sent with:\n\n{_fenced(values)}\n" if values else ""
    return head + figures + (_fenced(facts["answer"]) + "\n" if facts.get("answer") else "") + receipt


def _verdict(result: bool | None) -> str:
    return "not judged" if result is None else "passed" if result else "failed"


def _line(text: str) -> str:
    return " ".join(text.split())


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}\n"
