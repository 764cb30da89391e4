"""What happens in a run, in order. The run log keeps these; every face turns them into its own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunQueued:
    """It waits for a free place. `position` counts from 1."""

    position: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The request is on its way to the upstream."""


@dataclass(frozen=True, slots=True)
class RunRetrying:
    """A try failed before the first token and the next is about to begin."""

    attempt: int
    of: int
    delay_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class FirstToken:
    """The model has begun to say or think something. `after_ms` counts from the first try."""

    after_ms: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run has ended and its row is written: `status` is completed, stopped, failed or interrupted."""

    status: str
    error: dict[str, Any] | None = field(default=None)


RunEvent = RunQueued | RunStarted | RunRetrying | FirstToken | TextDelta | ReasoningDelta | RunFinished
