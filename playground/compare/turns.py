"""The turns of a comparison: which question of one column stands beside which of another.

The request ids of a message that was posted to all columns begin alike; a copied column keeps those of its origin. A question that was
edited in one column is a turn of that column alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playground.chat.models import Message, Role
from playground.chat.tree import Node, Tree
from playground.compare.models import Column

KEY_CHARACTERS = 31  # of a request id: what all columns have in common


@dataclass(frozen=True, slots=True)
class Turn:
    """One question to all columns. Keys of messages by those of columns."""

    key: str
    number: int  # from 1
    questions: Mapping[int, int] = field(default_factory=dict)
    answers: Mapping[int, int] = field(default_factory=dict)  # the one that is shown below each


def request_id_in(column: Column, request_id: str) -> str:
    """The id of one column's part in a request: the same for the same request, another for every column, alike at the beginning."""
    return f"{key_of(request_id)}-{column.uuid.hex}"


def key_of(request_id: str) -> str:
    """What names the turn; of a page's own request id, or of a question's."""
    return request_id[:KEY_CHARACTERS]


def turns_of(columns: Sequence[Column]) -> list[Turn]:
    """Turns in the order they were asked, on the paths that the columns show. One query that reads no text."""
    rows = Message.objects.kept().filter(conversation__in=[column.conversation_id for column in columns])
    nodes: dict[int, list[Node]] = {column.conversation_id: [] for column in columns}
    asked: dict[int, str] = {}
    for pk, parent, conversation, role, request_id in rows.order_by("id").values_list(
        "id", "parent_id", "conversation_id", "role", "request_id"
    ):
        nodes[conversation].append(Node(pk, parent, ""))
        if role == Role.USER:
            asked[pk] = key_of(request_id) if request_id else ""
    return _collect(columns, {pk: Tree(some) for pk, some in nodes.items()}, asked)


def _collect(columns: Sequence[Column], trees: Mapping[int, Tree], asked: Mapping[int, str]) -> list[Turn]:
    questions: dict[str, dict[int, int]] = {}
    answers: dict[str, dict[int, int]] = {}
    for column in columns:
        path = trees[column.conversation_id].path(column.conversation.leaf_id)
        for at, pk in enumerate(path):
            if not (key := asked.get(pk)):
                continue
            questions.setdefault(key, {})[column.pk] = pk
            if at + 1 < len(path) and path[at + 1] not in asked:
                answers.setdefault(key, {})[column.pk] = path[at + 1]
    ordered = sorted(questions, key=lambda key: min(questions[key].values()))
    return [Turn(key, number, questions[key], answers.get(key, {})) for number, key in enumerate(ordered, 1)]


def last_answers(columns: Sequence[Column]) -> dict[int, Message]:
    """The answer that each column ends with, by its key; a column that ends with a question has none. Two queries."""
    trees = Tree.of_each([column.conversation for column in columns])
    ends: dict[int, int] = {}
    for column in columns:
        if path := trees[column.conversation_id].path(column.conversation.leaf_id):
            ends[column.pk] = path[-1]
    rows = Message.objects.filter(pk__in=ends.values(), role=Role.ASSISTANT).select_related("run")
    messages = rows.only("text", "role", "run__status").in_bulk()
    return {column: messages[pk] for column, pk in ends.items() if pk in messages}
