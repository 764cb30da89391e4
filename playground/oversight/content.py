"""What an opened conversation says, to be read: plain text, all branches, a page at a time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from playground.chat.models import Attachment, Conversation, Message, Role

MESSAGES_A_PAGE = 50
MOST_SHOWN_CHARS = 50_000  # of one message


@dataclass(frozen=True, slots=True)
class ReadMessage:
    number: int  # from 1, in the order of writing
    author: str
    text: str
    is_cut: bool
    replies_to: int | None  # number of the message before it, when that is not the one above
    created_at: datetime.datetime
    attachments: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class Content:
    title: str
    system_prompt: str
    messages: Sequence[ReadMessage]
    page: Page[Any]


def read_content(conversation: Conversation, *, page: str) -> Content:
    """One page of it. Four queries, whatever the length."""
    keys = list(Message.objects.kept().filter(conversation=conversation).order_by("pk").values_list("pk", flat=True))
    numbers = {pk: number for number, pk in enumerate(keys, 1)}
    shown = Paginator(keys, MESSAGES_A_PAGE).get_page(page)
    rows = Message.objects.filter(pk__in=list(shown)).select_related("run").order_by("pk")
    images: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message__in=list(shown)).select_related("blob"):
        images.setdefault(attachment.message_id or 0, []).append(attachment)
    messages = [
        _read(message, numbers, images.get(message.pk, []))
        for message in rows.only("pk", "parent_id", "role", "text", "created_at", "run__model_name")
    ]
    prompt = conversation.parameters.get("system_prompt", "")
    return Content(conversation.title, prompt if isinstance(prompt, str) else "", messages, shown)


def _read(message: Message, numbers: dict[int, int], attachments: Sequence[Attachment]) -> ReadMessage:
    number = numbers[message.pk]
    parent = numbers.get(message.parent_id or 0)
    model = message.run.model_name if message.run is not None else ""
    return ReadMessage(
        number=number,
        author=(model or _("Assistant")) if message.role == Role.ASSISTANT else _("The owner"),
        text=message.text[:MOST_SHOWN_CHARS],
        is_cut=len(message.text) > MOST_SHOWN_CHARS,
        replies_to=parent if parent is not None and parent != number - 1 else None,
        created_at=message.created_at,
        attachments=attachments,
    )
