"""Telling open pages that a conversation has news. Only a hint: what is new is fetched from the database."""

from __future__ import annotations

from uuid import UUID

from channels.layers import get_channel_layer

from playground.runs.lifecycle import engine

CONVERSATION = "conversation"  # the kind of announcement


def group_of(conversation: UUID) -> str:
    return f"conversation.{conversation}"


def conversation_of(group: str) -> str:
    """The id in the name that `group_of` made."""
    return group.partition(".")[2]


def conversation_changed(conversation: UUID) -> None:
    """Hint to every page that watches, whichever process serves it. From any thread; dropped when nobody can be told."""
    engine().call_soon(engine().announce, CONVERSATION, str(conversation))


async def tell_pages(conversation: str) -> None:
    """Pass the hint on to the pages of this process."""
    await get_channel_layer().group_send(
        group_of(UUID(conversation)), {"type": "conversation.changed", "conversation": conversation}
    )
