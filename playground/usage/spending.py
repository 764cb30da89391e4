"""What the ledger is told of a run that has ended."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

MOST_TOKENS = 10**9  # as in the upstream client: what is above is nonsense


@dataclass(frozen=True, slots=True)
class Spending:
    """Facts of one run. `was_sent` False: nothing left for the provider, so it cost nothing, whatever the price."""

    run: UUID
    ran_at: datetime.datetime
    owner: int
    owner_name: str
    source: str
    model: int | None  # key of the row whose prices apply; None when it is gone
    model_name: str
    status: str
    was_sent: bool = True
    resolved_model: str = ""
    key: str = ""
    preset: str = ""
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    usage: Mapping[str, Any] | None = None  # as the server reported it
    is_estimated: bool = False
    first_token_ms: int | None = None
    duration_ms: int | None = None

    @property
    def day(self) -> datetime.date:
        """The UTC day it is counted on."""
        return self.ran_at.astimezone(datetime.UTC).date()

    @property
    def provider(self) -> str:
        return self.model_name.partition("/")[0]

    def detail(self, group: str, name: str) -> int | None:
        """A figure out of the reported usage's details, such as completion_tokens_details.reasoning_tokens; None when absent or odd."""
        details = (self.usage or {}).get(group)
        value = details.get(name) if isinstance(details, Mapping) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST_TOKENS:
            return None
        return int(value)
