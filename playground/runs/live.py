"""What a process knows of a run that it carries, and how that run came out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playground.lib.transcript import Transcript
from playground.runs.models import Run, RunStatus
from playground.upstream.types import Accepted, Completed, Usage


@dataclass(slots=True)
class Outcome:
    """The end of a run, ready to be written to its row."""

    status: RunStatus
    text: str
    reasoning: str
    error: dict[str, Any] | None = None
    completed: Completed | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    is_estimated: bool = False
    first_token_ms: int | None = None
    duration_ms: int | None = None
    digest: Any = None  # what the run's source made of the final text
    resolved_model: str = ""  # as far as the server has said it
    reported: Usage | None = None  # as far as the server has said it; final if the answer completed
    was_left: bool = False  # by us, while the server may have been at work


@dataclass(slots=True)
class LiveRun:
    """A run in this process. The event loop appends; the checkpoint thread reads what lies behind its own marks."""

    run: Run  # as it was created; nothing of it changes until its end but what is below
    text: Transcript = field(default_factory=Transcript)
    reasoning: Transcript = field(default_factory=Transcript)
    begun_at: float = field(default_factory=time.monotonic)  # when this process took it on
    sent_at: float | None = None  # monotonic seconds, when the request left
    first_token_at: float | None = None
    stop_requested: bool = False
    accepted: Accepted | None = None  # the first good frame of the try that goes on
    # The checkpoint thread's own: how many characters it has saved.
    saved_text: int = 0
    saved_reasoning: int = 0
    piece_number: int = 0

    @property
    def pk(self) -> int:
        return self.run.pk

    @property
    def uuid(self) -> UUID:
        return self.run.uuid

    def mark_sent(self) -> None:
        """The clock of a run begins with its first try."""
        if self.sent_at is None:
            self.sent_at = time.monotonic()

    def mark_first_token(self) -> bool:
        """Note the time if this is the first output; says whether it was."""
        if self.first_token_at is not None:
            return False
        self.first_token_at = time.monotonic()
        return True

    @property
    def first_token_ms(self) -> int | None:
        """Milliseconds from the first try to the first output."""
        if self.sent_at is None or self.first_token_at is None:
            return None
        return round((self.first_token_at - self.sent_at) * 1000)

    def outcome(
        self, status: RunStatus, error: dict[str, Any] | None = None, completed: Completed | None = None
    ) -> Outcome:
        """The run as it stands now, ended with `status`."""
        now = time.monotonic()
        outcome = Outcome(status, str(self.text), str(self.reasoning), error, completed)
        if self.sent_at is not None:
            outcome.duration_ms = round((now - self.sent_at) * 1000)
        outcome.first_token_ms = self.first_token_ms
        if completed is not None:
            outcome.resolved_model, outcome.reported = completed.resolved_model, completed.usage
        elif self.accepted is not None:
            outcome.resolved_model, outcome.reported = self.accepted.model, self.accepted.reported()
        return outcome
