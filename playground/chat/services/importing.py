"""Storing an imported conversation: all of it or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from playground.accounts.models import User
from playground.chat.errors import InvalidInput
from playground.chat.images.services import attach_upload, attach_url, update_attachment
from playground.chat.importing import ReadConversation, ReadImage, ReadMessage, read_conversation
from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.chat.services.cleaning import MAX_TITLE
from playground.chat.services.titles import title_from
from playground.images.errors import ImageError

BATCH = 200  # rows a statement


def import_conversation(*, owner: User, body: bytes) -> Conversation:
    """A new conversation of `owner` from an exported file. Raises InvalidInput that names the place of the first mistake.

    Images are decoded and re-encoded one by one, which takes its time: never on the event loop.
    """
    read = read_conversation(body)
    # Deleted until it is whole: decoding is slow, and no transaction may stay open meanwhile.
    with transaction.atomic():
        conversation = _store(owner, read)
    try:
        _store_images(owner, conversation, read.messages)
    except BaseException:
        conversation.delete()
        raise
    conversation.deleted_at = None
    conversation.save(update_fields=["deleted_at"])
    return conversation


def _store_images(owner: User, conversation: Conversation, messages: Sequence[ReadMessage]) -> None:
    if not any(message.images for message in messages):
        return
    rows = Message.objects.filter(conversation=conversation).order_by("id")
    for row, message in zip(rows, messages, strict=True):
        for position, image in enumerate(message.images):
            attachment = _attach(owner, conversation, image)
            attachment.draft, attachment.message, attachment.position = None, row, position
            attachment.save(update_fields=["draft", "message", "position"])
    Draft.objects.filter(conversation=conversation).delete()


def _attach(owner: User, conversation: Conversation, image: ReadImage) -> Attachment:
    """Through the intake, like any upload. Raises InvalidInput with the place in the file."""
    try:
        if image.data:
            file = SimpleUploadedFile(image.name or "image", image.data)
            attachment = attach_upload(owner=owner, conversation=conversation, file=file)
        else:
            attachment = attach_url(owner=owner, conversation=conversation, url=image.url)
        return update_attachment(attachment=attachment, detail=image.detail, alt=image.alt)
    except ImageError as error:
        raise InvalidInput.of("file", f"{image.where}: {error}") from None


def _store(owner: User, read: ReadConversation) -> Conversation:
    first = next((message.text for message in read.messages if message.text), "")
    title = " ".join("".join(char if char.isprintable() else " " for char in read.title).split())[:MAX_TITLE]
    conversation = Conversation.objects.create(
        owner=owner,
        title=title or title_from(first),
        model_name=read.model,
        parameters=read.parameters,
        updated_at=timezone.now(),
        deleted_at=timezone.now(),
    )
    rows = [
        Message(
            conversation=conversation,
            role=message.role,
            text=message.text,
            reasoning=message.reasoning,
            is_edited=message.is_edited,
        )
        for message in read.messages
    ]
    Message.objects.bulk_create(rows, batch_size=BATCH)
    now = timezone.now()
    for row, message in zip(rows, read.messages, strict=True):
        row.parent = rows[message.parent] if message.parent is not None else None
        row.continues = rows[message.continues] if message.continues is not None else None
        row.created_at = _not_later(message, now)
    Message.objects.bulk_update(rows, ["parent", "continues", "created_at"], batch_size=BATCH)
    if read.shown is not None:
        conversation.leaf = rows[read.shown]
        conversation.save(update_fields=["leaf"])
    return conversation


def _not_later(message: ReadMessage, now: datetime.datetime) -> datetime.datetime:
    return min(message.created_at or now, now)
