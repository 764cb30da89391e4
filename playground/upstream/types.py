"""What goes into the upstream client and what comes out. No Django here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One OpenAI-compatible server. `base_url` has no trailing slash and may or may not end in /v1.

    `is_public` refuses what its name resolves to on this machine or in a private network, at each connection.
    """

    base_url: str
    api_key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. Whatever arrives restarts the first-token and silence clocks; without output, only for `life_s` in all."""

    connect_s: float = 10
    first_token_s: float = 120
    silence_s: float = 60
    total_s: float = 1800  # of the whole call, retries included
    life_s: float = 600  # how long comments and empty chunks alone keep a call alive


@dataclass(frozen=True, slots=True)
class Limits:
    """What a hostile or broken server may make us hold, in bytes."""

    line_bytes: int = 1024 * 1024
    answer_bytes: int = 8 * 1024 * 1024
    header_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server reported them; ints, never negative. `raw` is the payload as it came."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One entry of a server's list of models; only `id` is sure to be there."""

    id: str
    owned_by: str = ""
    created: int = 0
    shutdown_date: str = ""  # "YYYY-MM-DD"
    context_tokens: int | None = None
    input_modalities: tuple[str, ...] = ()


# --- Events of one call, in order. Retrying* , Accepted, (TextDelta | ReasoningDelta)*, Completed; or an UpstreamError ---


@dataclass(frozen=True, slots=True)
class Retrying:
    """A try failed before the first token; the next begins after `delay_s`."""

    attempt: int  # the one that comes, 2 or more
    of: int
    delay_s: float
    reason: str  # safe to show


def _nothing_yet() -> None:
    """No usage."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answered 200 and its first frame was good."""

    id: str
    model: str
    created: int
    # The usage reported by the time it is called: all there will be of an answer that does not complete.
    reported: Callable[[], Usage | None] = field(default=_nothing_yet, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The end of a good answer.

    `response` is the assembled `chat.completion` object: id, object, created, model, choices, usage, system_fingerprint
    and whatever else the server said. `usage` is None when the server reported none.
    """

    finish_reason: str
    response: Mapping[str, Any]
    usage: Usage | None
    resolved_model: str
    system_fingerprint: str


UpstreamEvent = Retrying | Accepted | TextDelta | ReasoningDelta | Completed
