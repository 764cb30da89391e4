"""Taking what a conversation shows along into a column."""

from __future__ import annotations

from collections.abc import Sequence

from playground.chat.models import Conversation, Message
from playground.chat.services.branching import copy_path
from playground.chat.tree import Tree


def path_of(conversation: Conversation) -> list[Message]:
    """The messages that are shown, from the first on. Two queries."""
    ids = Tree.of(conversation).path(conversation.leaf_id)
    found = Message.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def copy_history(path: Sequence[Message], to: Conversation) -> Message | None:
    """Copies of `path` in the empty conversation `to`, and the last of them. Runs and their figures stay with the originals."""
    last = copy_path([message.pk for message in path], to, with_request_ids=True)
    if last is not None:
        to.leaf = last
        to.save(update_fields=["leaf"])
    return last
