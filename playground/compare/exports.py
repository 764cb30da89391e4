"""A comparison as a file: CSV with a row for each answer, JSON with everything and the receipts; Markdown is in `exports_markdown`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from playground.chat.models import Message
from playground.chat.receipts import request_body
from playground.chat.showing import load_amounts
from playground.chat.transfer import export_tree
from playground.compare.models import Column, Comparison, Verdict
from playground.compare.turns import Turn, turns_of
from playground.compare.verdicts import verdicts_of
from playground.lib.csv import BOM, lines
from playground.runs.models import Run

FORMAT = "playground.comparison"
VERSION = 1

_HEAD = ("turn", "column", "model", "preset")
_FIGURES = (
    *(
        "status",
        "finish_reason",
        "first_token_ms",
        "duration_ms",
        "prompt_tokens",
        "cached_tokens",
        "completion_tokens",
    ),
    *("is_estimated", "cost_usd", "characters", "resolved_model", "system_fingerprint", "verdict", "verdict_blind"),
    *("verdict_note", "question", "answer", "run"),
)


class Shown(NamedTuple):
    """What stands in a column at one turn."""

    number: int  # of the column, from 1
    column: Column
    question: Message
    answer: Message | None


@dataclass(frozen=True, slots=True)
class Report:
    """All that an export tells: turns, their messages with runs, what those cost, and the verdicts."""

    comparison: Comparison
    columns: Sequence[Column]
    turns: Sequence[Turn]
    messages: Mapping[int, Message]
    amounts: Mapping[UUID, Decimal]
    verdicts: Mapping[str, Verdict]

    def answers(self, turn: Turn) -> Iterator[Shown]:
        """Of the columns that were asked."""
        for number, column in enumerate(self.columns, 1):
            question = self.messages.get(turn.questions.get(column.pk, 0))
            if question is not None:
                yield Shown(number, column, question, self.messages.get(turn.answers.get(column.pk, 0)))


def build_report(comparison: Comparison, columns: Sequence[Column]) -> Report:
    """Four queries for any number of columns and turns."""
    turns = turns_of(columns)
    keys = [pk for turn in turns for pk in (*turn.questions.values(), *turn.answers.values())]
    rows = Message.objects.filter(pk__in=keys).select_related("run__model__provider")
    messages = rows.defer("html", "reasoning", "run__text", "run__reasoning", "run__response").in_bulk()
    amounts = load_amounts(one.run for one in messages.values() if one.run is not None)
    return Report(comparison, columns, turns, messages, amounts, verdicts_of(comparison))


# --- CSV ---


def as_csv(report: Report) -> str:
    """A row for each question of each column, and its answer."""
    settings = _settings(report)
    head = [*_HEAD, *(f"set.{name}" for name in settings), *_FIGURES]
    rows = (_row(report, turn, shown, settings) for turn in report.turns for shown in report.answers(turn))
    return BOM + lines([head, *rows])


def _row(report: Report, turn: Turn, shown: Shown, settings: Sequence[str]) -> list[Any]:
    number, column, question, answer = shown
    run = answer.run if answer else None
    verdict = report.verdicts.get(turn.key)
    values = run.receipt.get("values", {}) if run else column.conversation.parameters
    return [
        turn.number,
        number,
        run.model_name if run else column.conversation.model_name,
        run.preset if run else "",
        *(written(values.get(name)) for name in settings),
        *_figures(run, report.amounts),
        len(answer.text) if answer else None,
        run.resolved_model if run else "",
        run.system_fingerprint if run else "",
        outcome_of(verdict, answer),
        verdict.was_blind if verdict else None,
        verdict.note if verdict else "",
        question.text,
        answer.text if answer else "",
        run.uuid if run else "",
    ]


def _figures(run: Run | None, amounts: Mapping[UUID, Decimal]) -> list[Any]:
    if run is None:
        return [None] * 9
    return [
        run.status,
        run.finish_reason,
        run.first_token_ms,
        run.duration_ms,
        run.prompt_tokens,
        run.cached_tokens,
        run.completion_tokens,
        run.is_estimated,
        amounts.get(run.uuid),
    ]


def _settings(report: Report) -> list[str]:
    """Names of the parameters that are not the same everywhere."""
    values = [one.run.receipt.get("values", {}) for one in report.messages.values() if one.run is not None] or [
        column.conversation.parameters for column in report.columns
    ]
    names = dict.fromkeys(name for some in values for name in some)
    return [name for name in names if len({written(some.get(name)) for some in values}) > 1]


def written(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def outcome_of(verdict: Verdict | None, answer: Message | None) -> str:
    """ "won", "lost", "tie"; empty for what was not judged."""
    if verdict is None or answer is None:
        return ""
    for one in verdict.contenders:
        if one.get("message") == str(answer.uuid):
            return "tie" if verdict.is_tie else "won" if one.get("won") else "lost"
    return ""


# --- JSON ---


def as_json(report: Report) -> dict[str, Any]:
    """Every column's whole tree, the receipts of the answers that are shown, and the verdicts. Three queries a column, and a few an answer."""
    comparison = report.comparison
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": timezone.now().isoformat(),
        "title": comparison.title,
        "created_at": comparison.created_at.isoformat(),
        "updated_at": comparison.updated_at.isoformat(),
        "pinned_fields": comparison.pinned_fields,
        "columns": [_column(report, number, column) for number, column in enumerate(report.columns, 1)],
        "verdicts": [_verdict(turn, report.verdicts[turn.key]) for turn in report.turns if turn.key in report.verdicts],
    }


def _column(report: Report, number: int, column: Column) -> dict[str, Any]:
    conversation = column.conversation
    answers = [report.messages.get(turn.answers.get(column.pk, 0)) for turn in report.turns]
    return {
        "number": number,
        "preset": conversation.preset.name if conversation.preset else None,
        "variables": conversation.variables,
        "receipts": [
            _receipt(one, one.run, report.amounts) for one in answers if one is not None and one.run is not None
        ],
        **export_tree(conversation),
    }


def _receipt(answer: Message, run: Run, amounts: Mapping[UUID, Decimal]) -> dict[str, Any]:
    """What was really sent, the bytes of images cut out, and who set which field."""
    cost = amounts.get(run.uuid)
    return {
        "message": str(answer.uuid),
        "run": str(run.uuid),
        "body": request_body(answer, run),
        "set": run.receipt.get("set", {}),
        "left_out": run.receipt.get("left_out", []),
        "cost_usd": f"{cost:f}" if cost is not None else None,
    }


def _verdict(turn: Turn, verdict: Verdict) -> dict[str, Any]:
    return {
        "turn": turn.number,
        "is_tie": verdict.is_tie,
        "was_blind": verdict.was_blind,
        "note": verdict.note,
        "contenders": verdict.contenders,
    }
