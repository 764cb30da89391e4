"""The snapshot of a comparison: its columns side by side, each with its settings where they differ, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from playground.chat.models import Conversation
from playground.chat.receipts import as_json
from playground.chat.tree import Tree
from playground.compare.models import Comparison
from playground.shares.errors import NotAllowed
from playground.shares.models import Kind, Part
from playground.shares.snapshots.conversations import SYSTEM_PROMPT, take_messages, take_settings
from playground.shares.snapshots.values import Collector, Json, Parts, Snapshot

MAX_COLUMNS = 32


def take_comparison(comparison: Comparison, parts: Parts) -> Snapshot:
    """The columns that stand, in their order. Five queries a column. Raises TooLarge, NotAllowed while it is blind."""
    collector = Collector()
    columns = comparison.columns.filter(is_removed=False).select_related("conversation__preset__preset")
    conversations = [column.conversation for column in columns[:MAX_COLUMNS]]
    if any(one.is_masked for one in conversations):
        raise NotAllowed(_("This comparison is blind: give your verdict first, or the link would tell which is which."))
    differing = _differing(conversations)
    if Part.SYSTEM_PROMPT not in parts:
        differing = [name for name in differing if name != SYSTEM_PROMPT]
    taken = [_take_column(one, differing, parts, collector) for one in conversations]
    return collector.snapshot(Kind.COMPARISON, columns=taken)


def _take_column(conversation: Conversation, differing: Sequence[str], parts: Parts, collector: Collector) -> Json:
    path = Tree.of(conversation).path(conversation.leaf_id)
    shown = {name: conversation.parameters[name] for name in differing if name in conversation.parameters}
    shown.pop(SYSTEM_PROMPT, None)
    return {
        "settings": shown,  # what the column shows, unless the receipts bring all of them
        **take_settings(conversation, parts),
        "preset": conversation.preset.name if conversation.preset else "",
        "differences": [[name, _shown(conversation.parameters, name)] for name in differing],
        "messages": take_messages(conversation, path, parts, collector),
    }


def _differing(conversations: Sequence[Conversation]) -> list[str]:
    """The fields whose value is not the same in all columns."""
    names = sorted({name for one in conversations for name in one.parameters})
    return [name for name in names if len({_shown(one.parameters, name) for one in conversations}) > 1]


def _shown(parameters: dict[str, Any], name: str) -> str:
    """The value as text; "" when the column leaves it to the provider."""
    value = parameters.get(name)
    return value if isinstance(value, str) else "" if value is None else as_json(value)
