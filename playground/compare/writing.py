"""Changing the conversations of a comparison together."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from playground.chat.models import Conversation, ConversationQuerySet


def update_together(rows: ConversationQuerySet, **fields: Any) -> list[int]:
    """Update `rows`, and return their keys. They are locked in one order: answers that end together lock several of them, too,
    and two transactions that hold what the other waits for would both be lost."""
    with transaction.atomic():
        keys = sorted(rows.values_list("pk", flat=True))
        locked = Conversation.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        keys = list(locked.values_list("pk", flat=True))
        if keys:
            Conversation.objects.filter(pk__in=keys).update(**fields)
    return keys
