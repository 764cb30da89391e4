"""What the socket needs from the database: whom it may follow, and messages as HTML. Synchronous, one hop each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.template.loader import render_to_string

from playground.accounts.models import User
from playground.chat.models import Conversation, Message
from playground.chat.opening import open_message
from playground.runs.sources import source_of


@dataclass(frozen=True, slots=True)
class Followed:
    """A run that this user may follow, and the message it writes."""

    user: User
    run: UUID
    message: UUID
    prefix: str
    is_masked: bool  # no figures while it is written


def find_followed(user: User, run: UUID) -> Followed | None:
    """None when there is no such run, or it is not this user's."""
    rows = Message.objects.visible_to(user).select_related("run", "continues", "conversation")
    message = (
        rows.only("uuid", "run__uuid", "run__source", "continues__text", "conversation__is_masked")
        .filter(run__uuid=run)
        .first()
    )
    if message is None or message.run is None:
        return None
    prefix = source_of(message.run).prefix(message.run)
    return Followed(user, run, message.uuid, prefix, message.conversation.is_masked)


def may_watch(user: User, conversation: UUID) -> bool:
    return Conversation.objects.visible_to(user).filter(uuid=conversation).exists()


def final_message(followed: Followed) -> str | None:
    """The message as every page shows it once its run has ended; None while the row still says that it goes on.

    An empty string when the message is gone: deleted while somebody watched.
    """
    messages = Message.objects.visible_to(followed.user).select_related(
        "conversation", "run__model__provider", "continues"
    )
    message = messages.filter(uuid=followed.message).first()
    if message is None:
        return ""
    if message.run is not None and message.run.is_active:
        return None
    shown, page = open_message(message)
    return render_to_string("chat/_message.html", {"message": shown, "page": page})
