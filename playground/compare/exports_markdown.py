"""A comparison as Markdown, to be read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from playground.chat.models import Message
from playground.compare.exports import Report, outcome_of, written
from playground.compare.models import Column, Verdict


def as_markdown(report: Report) -> str:
    """Turn by turn, the answers below each other. What people and models wrote stands as they wrote it."""
    parts = [f"# {report.comparison.title or _('Comparison')}"]
    for turn in report.turns:
        verdict = report.verdicts.get(turn.key)
        asked: str | None = None
        parts.append("## " + _("Turn %(number)d") % {"number": turn.number})
        for number, column, question, answer in report.answers(turn):
            if question.text != asked:  # the same in all columns, but for variables
                asked = question.text
                parts += ["### " + _("You"), asked]
            parts.append(f"### {_heading(number, column, answer)}{_mark(verdict, answer)}")
            parts.append(_facts(answer, report.amounts))
            parts.append(answer.text if answer else _("No answer."))
        if verdict is not None and verdict.note:
            parts.append("> " + verdict.note.replace("\n", "\n> "))
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(number: int, column: Column, answer: Message | None) -> str:
    run = answer.run if answer else None
    model = run.model_name if run else column.conversation.model_name
    name = _("Column %(number)d: %(model)s") % {"number": number, "model": model}
    return f"{name} ({run.preset})" if run and run.preset else name


def _mark(verdict: Verdict | None, answer: Message | None) -> str:
    words = {"won": _("the best"), "tie": _("a tie")}
    outcome = words.get(outcome_of(verdict, answer), "")
    return f" ({outcome})" if outcome else ""


def _facts(answer: Message | None, amounts: Mapping[UUID, Decimal]) -> str:
    """One line of settings and figures."""
    run = answer.run if answer else None
    if run is None:
        return ""
    cost = amounts.get(run.uuid)
    facts = [
        f"{name} {written(value)}" for name, value in run.receipt.get("values", {}).items() if name != "system_prompt"
    ]
    facts += [run.status, run.finish_reason]
    facts += [f"{run.completion_tokens} t"] if run.completion_tokens is not None else []
    facts += [f"{run.duration_ms / 1000:.2f} s"] if run.duration_ms is not None else []
    facts.append(f"${cost:f}" if cost is not None else _("unpriced"))
    return "*" + " · ".join(fact.replace("\n", " ") for fact in facts if fact) + "*"
