"""Beginning a comparison."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from playground.accounts.models import User
from playground.chat.images.services import copy_attachments
from playground.chat.models import Attachment, Conversation, ConversationQuerySet, Face, Message, Role
from playground.chat.services.drafts import draft_for, save_draft
from playground.compare.models import Column, Comparison
from playground.compare.services.history import copy_history, path_of
from playground.compare.settings import ColumnSettings
from playground.compare.writing import update_together

FIRST_COLUMNS = 2
# Conversations are deleted for their age one by one; those of a comparison that is in use must all be as young as it is.
FRESH = datetime.timedelta(hours=12)


def create_comparison(
    *,
    owner: User,
    settings: Sequence[ColumnSettings],
    title: str = "",
    text: str = "",
    attachments: Sequence[Attachment] = (),
    history: Conversation | None = None,
) -> Comparison:
    """A comparison with a column for each of `settings`, and what is typed so far: `text`, and copies of `attachments`.

    The columns go on from copies of what `history` shows. When nothing is typed, they begin before its last question, and
    that stands in the composer. Raises InvalidInput for a text that cannot be stored.
    """
    path = path_of(history) if history else []
    if not text.strip() and not attachments:
        path, text, attachments = _before_last_question(path)
    with transaction.atomic():
        comparison = Comparison.objects.create(
            owner=owner, title=title, composer=new_conversation(owner), updated_at=timezone.now()
        )
        for position, one in enumerate(settings):
            copy_history(path, add_empty_column(comparison, one, position).conversation)
        if text:
            save_draft(owner=owner, conversation=comparison.composer, text=text)
        if attachments:
            copy_attachments(attachments, draft_for(owner=owner, conversation=comparison.composer))
    return comparison


def _before_last_question(path: list[Message]) -> tuple[list[Message], str, list[Attachment]]:
    at = next((at for at in reversed(range(len(path))) if path[at].role == Role.USER), None)
    if at is None:
        return path, "", []
    return path[:at], path[at].text, list(path[at].attachments.all())


def add_empty_column(comparison: Comparison, settings: ColumnSettings, position: int) -> Column:
    """A column without history. Within the caller's transaction."""
    conversation = new_conversation(comparison.owner, settings)
    return Column.objects.create(comparison=comparison, conversation=conversation, position=position)


def new_conversation(owner: User, settings: ColumnSettings | None = None) -> Conversation:
    """A conversation that stands in no list."""
    settings = settings or ColumnSettings()
    return Conversation.objects.create(
        owner=owner,
        face=Face.COMPARE,
        model_name=settings.model_name,
        parameters=settings.parameters,
        preset=settings.preset,
        variables=settings.variables,
        updated_at=timezone.now(),
    )


def touch(comparison: Comparison, *, title: str = "") -> None:
    """Something happened in it: it stands first in the list. `title` becomes its own when it has none."""
    fields = ["updated_at"]
    comparison.updated_at = timezone.now()
    if title and not comparison.title:
        comparison.title = title
        fields.append("title")
        # What is branched off a column is named after it.
        Conversation.objects.filter(column__comparison=comparison, title="").update(title=title)
    comparison.save(update_fields=fields)
    _keep_fresh(comparison)


def conversations_of(comparison: Comparison) -> ConversationQuerySet:
    """Of its columns, those taken off the screen too, and of its composer."""
    return Conversation.objects.filter(Q(column__comparison=comparison) | Q(comparison=comparison))


def _keep_fresh(comparison: Comparison) -> None:
    """None of its conversations is older than half a day. Writes so seldom that nobody waits for the rows."""
    before = comparison.updated_at - FRESH
    old = conversations_of(comparison).filter(updated_at__lt=before)
    if old.exists():
        update_together(old, updated_at=comparison.updated_at)
