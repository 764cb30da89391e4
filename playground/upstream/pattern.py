"""A short cut for the chunk that comes a thousand times: the same bytes around another piece of text.

Most chunks of an answer differ in one JSON string only. Once one has been read the long way, those that share its bytes
before and after `delta.content` need no parsing of the rest: it would say what it said before.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

_KEY = b'"content":'
_STRING = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*")')
# Bytes of a chunk to learn from. Those that come a thousand times are short, and `re` takes 130 bytes for each repetition.
_LONGEST = 16 * 1024
_VAIN = 16  # lessons without a use after which it stops learning: some servers pad every chunk with noise
_SAYS_MORE = (
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "refusal",
    "tool_calls",
    "function_call",
    "annotations",
)


class ChunkPattern:
    """`text(data)` is the piece of text of a chunk like the one learnt, or None when it must be read the long way."""

    def __init__(self) -> None:
        self.index: Any = None  # of the choice in the chunk learnt
        self._before, self._after = b"", b""
        self._around = 0
        self._vain = 0

    def text(self, data: bytes) -> str | None:
        if not self._before or not (data.startswith(self._before) and data.endswith(self._after)):
            return None
        if len(data) < self._around + 2:
            return None
        try:
            text = orjson.loads(data[len(self._before) : len(data) - len(self._after)])
        except orjson.JSONDecodeError:
            return None
        self._vain = 0
        return text if isinstance(text, str) else None

    def learn(self, data: bytes, payload: dict[str, Any]) -> None:
        """Learn from a chunk that brought nothing but text, after it has been read the long way."""
        if len(data) > _LONGEST or self._vain > _VAIN or not _is_plain(payload) or data.count(_KEY) != 1:
            return
        found = _STRING.match(data, data.index(_KEY) + len(_KEY))
        if found is None or orjson.loads(found[1]) != payload["choices"][0]["delta"]["content"]:
            return
        self._before, self._after = data[: found.start(1)], data[found.end(1) :]
        self._around = len(self._before) + len(self._after)
        self.index = payload["choices"][0].get("index")
        self._vain += 1


def _is_plain(payload: dict[str, Any]) -> bool:
    """One choice, of which only the text is new; nothing that would add up when it is read twice."""
    choices = payload.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or payload.get("usage") is not None:
        return False
    choice = choices[0]
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not isinstance(delta, dict) or not isinstance(delta.get("content"), str) or not delta["content"]:
        return False
    if choice.get("finish_reason") or choice.get("logprobs") or choice.get("text"):
        return False
    return not any(delta.get(name) for name in _SAYS_MORE)
