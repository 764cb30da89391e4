"""The figures of the last answers side by side, and which is the best of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from playground.chat.page import ShownMessage, ShownRun
from playground.compare.page import Fact
from playground.lib.figures import count, dollars, rate, seconds
from playground.runs.models import RunStatus

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    label: str
    help: str
    text: Callable[[ShownMessage, ShownRun], str]
    rank: Callable[[ShownRun], Number | None] = lambda run: None  # the lowest is the best; None: there is no best


def build_facts(answers: Sequence[ShownMessage | None]) -> list[list[Fact]]:
    """For each of the columns' last answers its figures. The best of a row is marked once all have ended."""
    runs = [answer.run if answer else None for answer in answers]
    is_over = all(run is None or not run.is_active for run in runs)
    table: list[list[Fact]] = [[] for _answer in answers]
    for row in _rows():
        best = _best([row.rank(run) if run and is_over and _counts(run) else None for run in runs])
        for facts, answer, is_best in zip(table, answers, best, strict=True):
            value = row.text(answer, answer.run) if answer and answer.run and not answer.run.is_active else ""
            facts.append(Fact(row.key, row.label, row.help, value, is_best))
    return table


def _counts(run: ShownRun) -> bool:
    """What was cut off is no better for being short."""
    return run.status == RunStatus.COMPLETED


def _best(ranks: Sequence[Number | None]) -> list[bool]:
    """Which are the lowest. None is, where there is nothing to be better than."""
    known = [rank for rank in ranks if rank is not None]
    lowest = min(known, default=None)
    is_contest = len(known) > 1 and any(rank != lowest for rank in known)
    return [is_contest and rank is not None and rank == lowest for rank in ranks]


def _rows() -> list[_Row]:
    return [
        _Row(
            "first-token",
            _("First token"),
            _("Time to the first token"),
            lambda answer, run: seconds(run.first_token_ms),
            lambda run: run.first_token_ms,
        ),
        _Row(
            "rate",
            _("Speed"),
            _("Tokens per second after the first"),
            lambda answer, run: rate(run.tokens_per_second),
            lambda run: -run.tokens_per_second if run.tokens_per_second else None,
        ),
        _Row("tokens", _("Tokens"), _("Of the answer"), _tokens, lambda run: run.completion_tokens),
        _Row("cost", _("Cost"), _("Prompt and answer"), _cost, lambda run: run.cost),
        _Row("length", _("Length"), _("Characters of the answer"), lambda answer, run: _characters(len(answer.text))),
        _Row("finish", _("Finish"), _("Why the answer ended"), _finish),
    ]


def _characters(number: int) -> str:
    return _("%(count)s chars") % {"count": count(number)}


def _tokens(answer: ShownMessage, run: ShownRun) -> str:
    figure = count(run.completion_tokens)
    return f"≈{figure}" if figure and run.is_estimated else figure


def _cost(answer: ShownMessage, run: ShownRun) -> str:
    if run.cost is not None:
        return f"≈{dollars(run.cost)}" if run.is_estimated else dollars(run.cost)
    return _("unpriced") if run.prompt_tokens is not None else ""


def _finish(answer: ShownMessage, run: ShownRun) -> str:
    return run.finish_reason if run.status == RunStatus.COMPLETED else run.status_label
