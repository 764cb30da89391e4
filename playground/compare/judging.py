"""The panel in which a verdict is given: the answers to one turn, named as the page names their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from playground.chat.errors import NotPossible
from playground.compare import blind
from playground.compare.models import Column, Comparison, Verdict
from playground.compare.turns import Turn, turns_of
from playground.compare.verdicts import contenders_of, verdicts_of


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that can be chosen."""

    message: UUID
    number: int  # of its column on the page
    name: str  # what it was sent with; empty while that is hidden
    is_winner: bool


@dataclass(frozen=True, slots=True)
class Panel:
    comparison: Comparison
    is_hidden: bool  # the choice is blind
    turn: Turn | None = None  # None: nothing was asked yet
    count: int = 0  # of turns
    before: str = ""  # key of the turn before; empty at the first
    after: str = ""
    choices: Sequence[Choice] = ()
    verdict: Verdict | None = None
    reason: str = ""  # why nothing can be chosen now


def build_panel(comparison: Comparison, columns: Sequence[Column], turn_key: str = "") -> Panel:
    """Of the turn that is named, else of the last one. `columns` in their order on the page. Three queries."""
    hidden = blind.is_hidden(comparison, columns)
    turns = turns_of(columns)
    if not turns:
        return Panel(comparison, hidden)
    at = next((place for place, turn in enumerate(turns) if turn.key == turn_key), len(turns) - 1)
    turn = turns[at]
    panel = Panel(
        comparison,
        is_hidden=hidden and at == len(turns) - 1,
        turn=turn,
        count=len(turns),
        before=turns[at - 1].key if at else "",
        after=turns[at + 1].key if at + 1 < len(turns) else "",
        verdict=verdicts_of(comparison).get(turn.key),
    )
    return _with_choices(panel, {column.pk: number for number, column in enumerate(columns, 1)})


def arrange(comparison: Comparison, columns: Sequence[Column]) -> tuple[list[Column], Turn | None]:
    """The columns in the order the page shows them; while they are hidden that is by chance, and the turn comes with it.

    One query then, else none.
    """
    if not blind.is_hidden(comparison, columns):
        return list(columns), None
    turns = turns_of(columns)
    turn = turns[-1] if turns else None
    return blind.shuffled(comparison, columns, turn), turn


def _with_choices(panel: Panel, numbers: Mapping[int, int]) -> Panel:
    turn = panel.turn
    if turn is None:
        return panel
    try:
        answers = contenders_of(turn)
    except NotPossible as error:
        return replace(panel, reason=str(error))
    places = {answer: numbers[column] for column, answer in turn.answers.items() if column in numbers}
    winner = panel.verdict.winner_id if panel.verdict else None
    choices = [
        Choice(
            message=answer.uuid,
            number=places[answer.pk],
            name="" if panel.is_hidden or answer.run is None else answer.run.preset or answer.run.model_name,
            is_winner=answer.pk == winner,
        )
        for answer in answers
        if answer.pk in places
    ]
    return replace(panel, choices=sorted(choices, key=lambda choice: choice.number))
