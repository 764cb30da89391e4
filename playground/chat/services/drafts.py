"""What is typed and attached but not sent: one draft a conversation, and one for the next new chat."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Prefetch

from playground.accounts.models import User
from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.chat.services.cleaning import clean_text


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


def save_draft(*, owner: User, conversation: Conversation | None, text: str) -> None:
    """Keep `text`. An empty text without images leaves no draft. Raises InvalidInput."""
    text = clean_text(text)
    if not text:
        drafts = Draft.objects.filter(owner=owner, conversation=conversation)
        # One statement for what nearly always is: nothing kept, or a text of which nothing remains.
        if drafts.exclude(text="").update(text="") or drafts.exists():
            drafts.filter(attachments=None).delete()
        return
    draft = draft_for(owner=owner, conversation=conversation)
    draft.text = text
    draft.save(update_fields=["text", "updated_at"])


def clear_draft(*, owner: User, conversation: Conversation | None) -> None:
    """After sending: the text goes, and so does the draft unless somebody attached another image meanwhile."""
    save_draft(owner=owner, conversation=conversation, text="")


def put_back(*, owner: User, conversation: Conversation, message: Message) -> None:
    """Text and images of a message that will not be sent become the draft again, unless there is one already."""
    draft = draft_for(owner=owner, conversation=conversation)
    if not draft.text:
        draft.text = message.text
        draft.save(update_fields=["text", "updated_at"])
    Attachment.objects.filter(message=message).update(message=None, draft=draft)
