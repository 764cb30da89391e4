"""The snapshot of a comparison: its columns side by side, each with its settings where they differ, and its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from playground.chat.models import Conversation
from playground.chat.receipts import as_json
from playground.chat.tree import Tree
from playground.compare.models import Comparison
from playground.shares.errors import NotAllowed
from playground.shares.models import Kind, Part
from playground.shares.snapshots.conversations import SYSTEM_PROMPT, sent_settings, take_messages, take_settings
from playground.shares.snapshots.values import Collector, Json, Parts, Snapshot

MAX_COLUMNS = 32


def take_comparison(comparison: Comparison, parts: Parts) -> Snapshot:
    """The columns that stand, in their order. Seven queries a column. Raises TooLarge, NotAllowed while it is blind."""
    collector = Collector()
    columns = comparison.columns.filter(is_removed=False).select_related("conversation__preset__preset")
    taken = [_Taken.of(column.conversation) for column in columns[:MAX_COLUMNS]]
    if any(one.conversation.is_masked for one in taken):
        raise NotAllowed(_("This comparison is blind: give your verdict first, or the link would tell which is which."))
    differing = _differing([one.parameters for one in taken])
    if Part.SYSTEM_PROMPT not in parts:
        differing = [name for name in differing if name != SYSTEM_PROMPT]
    verdicts = _verdicts(comparison)
    return collector.snapshot(
        Kind.COMPARISON, columns=[one.show(differing, parts, collector, verdicts) for one in taken]
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """A column, and what its last answer was made with."""

    conversation: Conversation
    ids: Sequence[int]
    model_name: str
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, conversation: Conversation) -> _Taken:
        ids = Tree.of(conversation).path(conversation.leaf_id)
        return cls(conversation, ids, *sent_settings(conversation, ids))

    def show(self, differing: Sequence[str], parts: Parts, collector: Collector, verdicts: Mapping[UUID, str]) -> Json:
        shown = {name: self.parameters[name] for name in differing if name in self.parameters}
        shown.pop(SYSTEM_PROMPT, None)
        preset = self.conversation.preset
        return {
            "settings": shown,  # what the column shows, unless the receipts bring all of them
            **take_settings(self.model_name, self.parameters, parts),
            "preset": preset.name if preset else "",
            "differences": [[name, _shown(self.parameters, name)] for name in differing],
            "messages": take_messages(self.conversation, self.ids, parts, collector, verdicts=verdicts),
        }


def _verdicts(comparison: Comparison) -> dict[UUID, str]:
    """What was said of answers, by their uuid: "best", or "tie" of all that were looked at. One query."""
    said: dict[UUID, str] = {}
    for verdict in comparison.verdicts.select_related("winner"):
        if verdict.winner is not None:
            said[verdict.winner.uuid] = "best"
        elif verdict.is_tie:
            said |= {UUID(one["message"]): "tie" for one in verdict.contenders if one.get("message")}
    return said


def _differing(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fields whose value is not the same in all of `columns`."""
    names = sorted({name for one in columns for name in one})
    return [name for name in names if len({_shown(one, name) for one in columns}) > 1]


def _shown(parameters: Mapping[str, Any], name: str) -> str:
    """The value as text; "" when the column leaves it to the provider."""
    value = parameters.get(name)
    return value if isinstance(value, str) else "" if value is None else as_json(value)
