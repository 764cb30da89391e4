"""Blind mode: until a verdict is given, nobody is told which column is which, and their order is by chance."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from playground.chat.errors import NotPossible
from playground.chat.models import Conversation
from playground.compare.models import Column, Comparison, Verdict
from playground.compare.turns import Turn, turns_of
from playground.compare.writing import update_together


def set_blind(*, comparison: Comparison, columns: Sequence[Column], is_blind: bool) -> None:
    """Switched on, a last turn that has no verdict yet is hidden at once; switched off, everything is told."""
    with transaction.atomic():
        comparison.is_blind = is_blind
        comparison.save(update_fields=["is_blind"])
        turns = turns_of(columns) if is_blind else []
        is_open = bool(turns) and not Verdict.objects.filter(comparison=comparison, turn=turns[-1].key).exists()
        _mask(comparison, is_masked=is_open)


def hide(comparison: Comparison) -> None:
    """A new turn begins."""
    if comparison.is_blind:
        _mask(comparison, is_masked=True)


def reveal(comparison: Comparison) -> None:
    """The verdict on the last turn is given."""
    _mask(comparison, is_masked=False)


def is_hidden(comparison: Comparison, columns: Sequence[Column]) -> bool:
    """Whether the page must not say which column is which. No query."""
    return comparison.is_blind and any(column.conversation.is_masked for column in columns)


def require_told(comparison: Comparison) -> None:
    """Raises NotPossible while it must not be told which column is which. A query when it is blind, else none."""
    if comparison.is_blind and Conversation.objects.filter(column__comparison=comparison, is_masked=True).exists():
        raise NotPossible(_("Choose the best answer first. Until then the columns stay as they are."))


def shuffled(comparison: Comparison, columns: Sequence[Column], turn: Turn | None) -> list[Column]:
    """An order that only the server can know, the same for the whole of a turn."""
    salt = f"{comparison.uuid} {turn.key if turn else ''}"
    return sorted(columns, key=lambda column: salted_hmac(salt, str(column.uuid), algorithm="sha256").digest())


def _mask(comparison: Comparison, *, is_masked: bool) -> None:
    rows = Conversation.objects.filter(column__comparison=comparison).exclude(is_masked=is_masked)
    update_together(rows, is_masked=is_masked)
