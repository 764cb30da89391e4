"""Hints to open pages that a conversation has something new. A hint may be lost; the rows are the truth."""

from __future__ import annotations

from django.db import transaction

from playground.chat.hints import conversation_changed
from playground.chat.models import Conversation


def announce(conversation: Conversation) -> None:
    """Tell whoever watches `conversation`, once the transaction is committed."""
    transaction.on_commit(lambda: conversation_changed(conversation.uuid), robust=True)
