"""What is typed and attached but not sent: one draft a conversation, and one for the next new chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import Conflict
from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.chat.services.cleaning import clean_text
from playground.chat.services.versions import is_stale, version_of


def draft_for(*, owner: User, conversation: Conversation | None) -> Draft:
    """The draft, made when there is none yet; safe against two requests at once."""
    try:
        with transaction.atomic():
            return Draft.objects.get_or_create(owner=owner, conversation=conversation)[0]
    except IntegrityError:
        return Draft.objects.get(owner=owner, conversation=conversation)


def find_draft(*, owner: User, conversation: Conversation | None) -> Draft | None:
    """One query, two when it has images."""
    drafts = Draft.objects.filter(owner=owner, conversation=conversation)
    return drafts.prefetch_related(Prefetch("attachments", Attachment.objects.select_related("blob"))).first()


def read_draft(*, owner: User, conversation: Conversation | None) -> str:
    """The stored text, empty when there is none."""
    draft = Draft.objects.filter(owner=owner, conversation=conversation).first()
    return draft.text if draft else ""


def save_draft(*, owner: User, conversation: Conversation | None, text: str, version: str | None = None) -> str:
    """Keep `text`, and return its version. An empty text without images leaves no draft.

    `version` is of the stored text that the page saw last. Raises InvalidInput, and Conflict when another page has stored
    a text since that this one never saw.
    """
    text = clean_text(text)
    with transaction.atomic():
        stored = _lock(owner, conversation)[0]
        if is_stale(version, stored=stored, text=text):
            raise Conflict("text", _("Another tab has kept another text meanwhile."), theirs=stored)
        if text != stored or not text:
            _write(owner, conversation, text)
    return version_of(text)


def clear_draft(*, owner: User, conversation: Conversation | None, text: str, version: str | None = None) -> None:
    """After `text` was sent: a stored text goes if it is that one, or one that the page with `version` saw.

    What another page has stored stays, and so does the draft itself while it has images. The settings are the
    conversation's now. Within the caller's transaction.
    """
    stored, settings = _lock(owner, conversation)
    if settings:
        Draft.objects.filter(owner=owner, conversation=conversation).update(settings={})
    if stored and not is_stale(version, stored=stored, text=text):
        _write(owner, conversation, "")


def save_settings(*, owner: User, conversation: Conversation | None, settings: Mapping[str, Any]) -> None:
    """Keep the form that stands beside the text; empty `settings` forget it."""
    if settings:
        draft = draft_for(owner=owner, conversation=conversation)
        draft.settings = dict(settings)
        draft.save(update_fields=["settings", "updated_at"])
        return
    drafts = Draft.objects.filter(owner=owner, conversation=conversation).exclude(settings={})
    drafts.filter(text="", attachments=None).delete()
    drafts.update(settings={})


def _lock(owner: User, conversation: Conversation | None) -> tuple[str, dict[str, Any]]:
    """The stored text and settings, held until the transaction ends."""
    rows = Draft.objects.select_for_update().filter(owner=owner, conversation=conversation)
    return rows.values_list("text", "settings").first() or ("", {})


def _write(owner: User, conversation: Conversation | None, text: str) -> None:
    if not text:
        drafts = Draft.objects.filter(owner=owner, conversation=conversation)
        drafts.filter(attachments=None, settings={}).delete()
        drafts.exclude(text="").update(text="")
        return
    draft = draft_for(owner=owner, conversation=conversation)
    draft.text = text
    draft.save(update_fields=["text", "updated_at"])


def put_back(*, owner: User, conversation: Conversation, message: Message) -> None:
    """Text and images of a message that will not be sent become the draft again, unless there is one already."""
    draft = draft_for(owner=owner, conversation=conversation)
    if not draft.text:
        draft.text = message.text
        draft.save(update_fields=["text", "updated_at"])
    Attachment.objects.filter(message=message).update(message=None, draft=draft)
