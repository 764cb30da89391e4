"""What a column sends with: values, without rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.catalog.form_schema import validate
from playground.catalog.models import Model
from playground.chat.models import Conversation
from playground.presets.models import PresetVersion


@dataclass(frozen=True, slots=True)
class ColumnSettings:
    model_name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    preset: PresetVersion | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, conversation: Conversation) -> ColumnSettings:
        """Those that `conversation` has now."""
        return cls(conversation.model_name, conversation.parameters, conversation.preset, conversation.variables)


def typed(model: Model, raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` as it is kept: typed where it is good, and as it was entered where it is not, which refuses the next message."""
    set_raw = {name: value for name, value in raw.items() if value not in (None, "", [])}
    return {**set_raw, **validate(model, set_raw).values}
