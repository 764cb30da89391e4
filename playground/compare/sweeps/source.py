"""A sweep's cells as the run engine sees them: answers of a conversation, whose end is also the cell's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from playground.chat.images.services import data_url
from playground.chat.models import Attachment, Message
from playground.chat.prompt import Turn, as_messages, count_turns, framed
from playground.chat.source import ChatSource
from playground.compare.models import Cell, CellState, Square
from playground.compare.sweeps import news
from playground.compare.sweeps.checks import judge
from playground.compare.sweeps.plan import Check
from playground.runs.models import Run, RunStatus
from playground.runs.wording import sentence

MOST_INTERRUPTIONS = 5  # attempts that a process did not survive, before the cell itself is suspected
_STATES = {
    RunStatus.COMPLETED: CellState.DONE,
    RunStatus.FAILED: CellState.FAILED,
    RunStatus.STOPPED: CellState.STOPPED,
    RunStatus.INTERRUPTED: CellState.FAILED,
}
# Codes and statuses of refusals that pass: nothing fails for them.
_TOO_MANY, _FULL = 429, "server_busy"
# Pieces of advice (runs.advice) that hold for whatever else is sent to the same provider.
_BLOCKING = {"key", "quota", "reach"}


@dataclass(frozen=True, slots=True)
class Digest:
    html: str
    results: list[bool | None]


class SweepSource(ChatSource):
    """`runs.sources.Source` for the cells of sweeps."""

    def messages(self, run: Run) -> list[dict[str, Any]]:
        return as_messages(self._turns(run), run.receipt, data_url)

    def prompt_tokens(self, run: Run) -> int:
        if run.model is None:
            return 0
        detail = run.receipt.get("values", {}).get("image_detail")
        return count_turns(self._turns(run), run.model, detail).total

    def _turns(self, run: Run) -> list[Turn]:
        answer = Message.objects.filter(run=run).select_related("parent").first()
        return framed(question_turns(answer.parent), run.receipt) if answer and answer.parent else []

    def digest(self, run: Run, text: str) -> Digest:  # type: ignore[override]  # it comes back to `finished` as it is
        cell = Cell.objects.select_related("sweep", "square").filter(answer__run=run).first()
        results: list[bool | None] = []
        if cell is not None and cell.sweep.checks:
            inputs = cell.sweep.inputs
            row = inputs[cell.square.input] if inputs else {}
            results = judge([Check(one["kind"], one["value"]) for one in cell.sweep.checks], text, row)
        return Digest(super().digest(run, text), results)

    def finished(self, run: Run, digest: Digest | None) -> None:  # type: ignore[override]
        super().finished(run, digest.html if digest else None)
        cell = Cell.objects.filter(answer__run=run).first()
        if cell is None:
            return
        state = _state_after(run, cell)
        results = digest.results if digest is not None and state == CellState.DONE else []
        again = {"answer": None} if state == CellState.WAITING else {}
        Cell.objects.filter(pk=cell.pk, state=CellState.RUNNING).update(
            state=state, results=results, worst=None, **again
        )
        Square.objects.filter(pk=cell.square_id).update(is_stale=True)
        transaction.on_commit(partial(news.ended, _news_of(run, cell.sweep_id)), robust=True)

    def proceed(self, run: Run) -> None:
        """Nothing is queued behind a cell."""


def question_turns(question: Message) -> list[Turn]:
    """The turns that end with `question`, starters first. A query for each, and one for their images."""
    path: list[Message] = []
    at: Message | None = question
    while at is not None:
        path.append(at)
        at = Message.objects.filter(pk=at.parent_id).first() if at.parent_id else None
    images: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message__in=path).select_related("blob"):
        images.setdefault(attachment.message_id or 0, []).append(attachment)
    return [Turn(one.role, one.text, images.get(one.pk, ())) for one in reversed(path)]


def _state_after(run: Run, cell: Cell) -> str:
    """Refused for now, or broken off with its process: its turn comes again."""
    if _is_refused(run) or (run.status == RunStatus.INTERRUPTED and cell.attempts < MOST_INTERRUPTIONS):
        return CellState.WAITING
    return _STATES[RunStatus(run.status)]


def _is_refused(run: Run) -> bool:
    """Too many requests, there or here. A quota that is used up says 429 too, and does not pass."""
    error = run.error or {}
    if run.status != RunStatus.FAILED:
        return False
    return error.get("code") == _FULL or (error.get("status") == _TOO_MANY and error.get("advice") == "wait")


def _news_of(run: Run, sweep: int) -> news.Ended:
    error = run.error or {}
    if _is_refused(run):
        return news.Ended(sweep, is_refused=True, retry_after_s=error.get("retry_after_s"))
    is_blocking = run.status == RunStatus.FAILED and error.get("advice") in _BLOCKING
    return news.Ended(sweep, blocks=sentence(error)[:200] if is_blocking else "")
