"""Telling open pages that a conversation has news. Only a hint: what is new is fetched from the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

from playground.runs.lifecycle import engine


def group_of(conversation: UUID) -> str:
    return f"conversation.{conversation}"


def conversation_changed(conversation: UUID) -> None:
    """Hint to every page that watches. From any thread; dropped when nobody can be told."""
    engine().call_soon(
        _send, group_of(conversation), {"type": "conversation.changed", "conversation": str(conversation)}
    )


async def _send(group: str, message: dict[str, Any]) -> None:
    await get_channel_layer().group_send(group, message)
