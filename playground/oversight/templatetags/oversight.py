"""Telling people who read what they wrote."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from playground.chat.models import Conversation
from playground.oversight.models import Opening

MOST_TOLD = 10

register = template.Library()


@register.simple_tag
def openings_of(conversation: Conversation) -> Sequence[Opening]:
    """When admins opened `conversation`, and why, newest first. One query; none for a conversation that nobody opened."""
    return list(conversation.openings.all()[:MOST_TOLD]) if conversation.opened_at else []
