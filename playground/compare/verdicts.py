"""Which answer was the best: given once a turn, changed at will."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from playground.chat.errors import InvalidInput, NotPossible
from playground.chat.models import Message
from playground.chat.services.cleaning import clean_text
from playground.compare import blind
from playground.compare.models import Column, Comparison, Verdict
from playground.compare.turns import Turn, turns_of

MOST_NOTE = 2000  # characters; the column's own limit


def give_verdict(
    *, comparison: Comparison, columns: Sequence[Column], turn_key: str, winner: UUID | None, note: str = ""
) -> Verdict:
    """`winner` is an answer to that turn, None a tie. What was chosen blind stays so as long as the choice stays the same.

    A verdict on the last turn ends its being blind. Raises NotPossible while answers are being written or there are not two,
    InvalidInput for a note that cannot be stored, Message.DoesNotExist for what is no answer to the turn.
    """
    note = clean_text(note, "note").strip()
    if len(note) > MOST_NOTE:
        raise InvalidInput.of("note", _("A note takes at most %(most)d characters.") % {"most": MOST_NOTE})
    with transaction.atomic():
        locked = Comparison.objects.select_for_update().get(pk=comparison.pk)
        turns = turns_of(columns)
        turn = next((one for one in turns if one.key == turn_key), None)
        if turn is None:
            raise Message.DoesNotExist("no such turn")
        answers = contenders_of(turn)
        best = _chosen(answers, winner)
        verdict = Verdict.objects.filter(comparison=locked, turn=turn.key).first() or Verdict(
            comparison=locked, turn=turn.key, was_blind=blind.is_hidden(locked, columns) and turn is turns[-1]
        )
        if verdict.pk and verdict.winner_id != (best.pk if best else None):
            verdict.was_blind = False  # changed with open eyes
        verdict.winner, verdict.is_tie, verdict.note = best, best is None, note
        verdict.contenders = [_written(one, won=one is best) for one in answers]
        verdict.save()
        if turn is turns[-1]:
            blind.reveal(locked)
    return verdict


def contenders_of(turn: Turn) -> list[Message]:
    """The answers that stand against each other, with their runs, in the order they were made. Raises NotPossible. One query."""
    rows = Message.objects.filter(pk__in=turn.answers.values(), run__isnull=False).select_related("run").order_by("id")
    answers = list(rows.defer("reasoning", "html", "run__text", "run__reasoning", "run__response", "run__request"))
    if any(one.run and one.run.is_active for one in answers):
        raise NotPossible(_("An answer is still being written. Wait for it, or stop it."))
    answers = [one for one in answers if one.text.strip()]
    if len(answers) < 2:
        raise NotPossible(_("There are not two answers to choose from."))
    return answers


def verdicts_of(comparison: Comparison) -> dict[str, Verdict]:
    """By the key of their turn. One query."""
    return {verdict.turn: verdict for verdict in Verdict.objects.filter(comparison=comparison).select_related("winner")}


def _chosen(answers: Sequence[Message], winner: UUID | None) -> Message | None:
    if winner is None:
        return None
    for answer in answers:
        if answer.uuid == winner:
            return answer
    raise Message.DoesNotExist("no answer to this turn")


def _written(answer: Message, *, won: bool) -> dict[str, Any]:
    run = answer.run
    return {
        "message": str(answer.uuid),
        "model": run.model_name if run else "",
        "preset": run.preset if run else "",
        "won": won,
    }
