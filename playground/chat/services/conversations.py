"""What a person changes about a conversation as a whole."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from playground.chat.errors import Conflict
from playground.chat.models import Conversation
from playground.chat.services.answers import lock
from playground.chat.services.cleaning import clean_title
from playground.chat.services.notices import announce
from playground.chat.services.versions import is_stale, version_of


def rename(*, conversation: Conversation, title: str, before: str | None = None) -> None:
    """`before` is the title that the form began with. Raises InvalidInput for one without a visible character, Conflict."""
    title = clean_title(title)
    with transaction.atomic():
        stored = lock(conversation).title
        if is_stale(None if before is None else version_of(before), stored=stored, text=title):
            words = _("In another tab it was renamed to “%(theirs)s” meanwhile; yours is “%(title)s”.")
            raise Conflict("title", words % {"theirs": stored, "title": title}, theirs=stored)
        conversation.title = title
        conversation.save(update_fields=["title"])
        announce(conversation)


def pin(*, conversation: Conversation, is_pinned: bool) -> None:
    """Pinned conversations stand first in the sidebar."""
    conversation.is_pinned = is_pinned
    conversation.save(update_fields=["is_pinned"])
