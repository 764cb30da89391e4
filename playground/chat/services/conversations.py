"""What a person changes about a conversation as a whole."""

from __future__ import annotations

from playground.chat.models import Conversation
from playground.chat.services.cleaning import clean_title
from playground.chat.services.notices import announce


def rename(*, conversation: Conversation, title: str) -> None:
    """Raises InvalidInput for a title without a visible character."""
    conversation.title = clean_title(title)
    conversation.save(update_fields=["title"])
    announce(conversation)


def pin(*, conversation: Conversation, is_pinned: bool) -> None:
    """Pinned conversations stand first in the sidebar."""
    conversation.is_pinned = is_pinned
    conversation.save(update_fields=["is_pinned"])
