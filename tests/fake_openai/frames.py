"""The bytes of answers: chunks, server-sent events, completions, usage."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

FINGERPRINT = "fp_fake"
_numbers = itertools.count(1)
_PIECES = re.compile(r"\s*\S{1,6}|\s+$")


def sse(payload: object) -> bytes:
    """One event as OpenAI frames it."""
    return b"data: %b\n\n" % orjson.dumps(payload)


DONE = b"data: [DONE]\n\n"


def pieces_of(text: str) -> list[str]:
    """Text cut into pieces the size of tokens; joined they are the text again."""
    return _PIECES.findall(text)


def usage_of(prompt_text: str, pieces: int, reasoning_pieces: int = 0) -> dict[str, Any]:
    """Roughly what a real server would count; exact for the pieces."""
    prompt, completion = len(prompt_text) // 4 + 7, pieces + reasoning_pieces
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning_pieces,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


@dataclass
class Chunks:
    """Makes the chunks of one answer. `text()` is the hot one: it joins two prepared halves."""

    model: str
    id: str = ""
    created: int = field(default_factory=lambda: int(time.time()))
    usage_null: bool = False  # with include_usage every chunk but the last says usage: null

    def __post_init__(self) -> None:
        self.id = self.id or f"chatcmpl-fake{next(_numbers):08d}"
        mark = "@@piece@@"
        before, after = self.delta({"content": mark}).split(orjson.dumps(mark))
        self._before, self._after = before, after

    def chunk(self, **fields: Any) -> dict[str, Any]:
        whole = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            **fields,
        }
        return whole | ({"usage": None} if self.usage_null and "usage" not in fields else {})

    def choice(self, delta: Any, finish_reason: str | None = None, **extra: Any) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason, **extra}
        return self.chunk(choices=[choice])

    def delta(self, delta: Any, finish_reason: str | None = None, **extra: Any) -> bytes:
        return sse(self.choice(delta, finish_reason, **extra))

    def role(self) -> bytes:
        return self.delta({"role": "assistant", "content": "", "refusal": None})

    def text(self, piece: str) -> bytes:
        return self._before + orjson.dumps(piece) + self._after

    def finish(self, reason: str = "stop") -> bytes:
        return self.delta({}, reason)

    def usage(self, usage: Any) -> bytes:
        return sse(self.chunk(choices=[], usage=usage))

    def completion(self, text: str | None, *, reason: str, usage: Any, reasoning: str = "") -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if reasoning:
            message["reasoning_content"] = reasoning
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        whole = self.chunk(choices=[choice]) | {"object": "chat.completion"}
        whole.pop("usage", None)
        return whole | ({} if usage is None else {"usage": usage})
