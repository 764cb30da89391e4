"""The shape of a conversation without its texts: one light query, whatever its length."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField
from django.db.models.functions import Cast

from playground.chat.models import Conversation, Message


class Node(NamedTuple):
    id: int
    parent_id: int | None
    written: str  # the uuid as the database writes it: most of a thousand are never looked at

    @property
    def uuid(self) -> UUID:
        return UUID(self.written)


class Tree:
    """The messages of a conversation, by id."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self._children: dict[int | None, list[int]] = {}
        for node in self.nodes.values():
            self._children.setdefault(node.parent_id, []).append(node.id)

    @classmethod
    def of(cls, conversation: Conversation, *, with_deleted: bool = False) -> Tree:
        """One query. Without the deleted messages, unless a run that was under way needs them."""
        rows = Message.objects.all() if with_deleted else Message.objects.kept()
        rows = rows.filter(conversation=conversation).order_by("id")
        return cls(map(Node._make, rows.values_list("id", "parent_id", Cast("uuid", CharField()))))

    @classmethod
    def of_each(cls, conversations: Collection[Conversation]) -> dict[int, Tree]:
        """Those of several conversations, by their ids. One query."""
        nodes: dict[int, list[Node]] = {conversation.pk: [] for conversation in conversations}
        rows = Message.objects.kept().filter(conversation__in=conversations).order_by("id")
        for conversation, *node in rows.values_list("conversation_id", "id", "parent_id", Cast("uuid", CharField())):
            nodes[conversation].append(Node._make(node))
        return {pk: cls(found) for pk, found in nodes.items()}

    def find(self, uuid: UUID | None) -> int | None:
        """The id of the message with this uuid, if it is here."""
        if uuid is None:
            return None
        return next((node.id for node in self.nodes.values() if node.written.replace("-", "") == uuid.hex), None)

    def path(self, leaf: int | None) -> list[int]:
        """The ids from the root to `leaf`; to the newest message when `leaf` is gone; empty without messages."""
        at = leaf if leaf in self.nodes else self.last_leaf(None)
        path: list[int] = []
        while at is not None:
            path.append(at)
            at = self.nodes[at].parent_id
        return path[::-1]

    def children(self, at: int | None) -> list[int]:
        """In the order they were made."""
        return self._children.get(at, [])

    def siblings(self, at: int) -> list[int]:
        """The alternatives at one place, `at` among them, in the order they were made."""
        return self.children(self.nodes[at].parent_id)

    def subtree(self, at: int | None) -> list[int]:
        """`at` and all below it; None means the whole conversation."""
        found: list[int] = []
        waiting = [at] if at is not None else list(self.children(None))
        while waiting:
            one = waiting.pop()
            found.append(one)
            waiting.extend(self.children(one))
        return found

    def last_leaf(self, at: int | None) -> int | None:
        """The newest end of a path through `at`; None when there is nothing."""
        return max((one for one in self.subtree(at) if not self.children(one)), default=None)
