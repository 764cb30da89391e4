"""Small readers of what servers put into chunks: tolerant, pure, without state."""

from __future__ import annotations

import json
from typing import Any

import orjson

from playground.upstream.types import Usage

_MOST_TOKENS = 10**9  # a thousand times the longest context; what is above is nonsense, and sums must stay sums
_FINISH_REASONS = {
    "stop": ("eos", "end_turn", "stop_sequence", "complete", "stop"),
    "length": ("length", "max_tokens", "model_length"),
    "tool_calls": ("tool_calls", "function_call", "tool_use"),
    "filtered": ("content_filter", "safety"),
}
_FINISH = {word: reason for reason, words in _FINISH_REASONS.items() for word in words}


def finish_reason_of(said: str) -> str:
    """`stop`, `length`, `tool_calls` or `filtered`; what nobody knows stays as the server said it."""
    return _FINISH.get(said.lower(), said)


def parse_json(data: bytes) -> Any:
    """The value of `data`. Lone surrogates and broken UTF-8 become U+FFFD. Raises ValueError."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _parse_sloppy(data)


def _parse_sloppy(data: bytes) -> Any:
    """What Python's parser takes and orjson refuses: lone surrogates, NaN (read as null)."""
    try:
        value = json.loads(data.decode("utf-8", "replace"), parse_constant=lambda _name: None)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    text = json.dumps(value, ensure_ascii=False)
    return orjson.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def text_of(value: Any) -> str:
    """Text that is a string, a list of parts, or neither."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    parts = (part.get("text") if isinstance(part, dict) else part for part in value)
    return "".join(part for part in parts if isinstance(part, str))


def reasoning_of(delta: dict[str, Any]) -> str:
    """`reasoning_content`, else `reasoning`, else the texts in `reasoning_details`."""
    for name in ("reasoning_content", "reasoning"):
        if text := text_of(delta.get(name)):
            return text
    details = delta.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    return "".join(text_of(part.get("text") or part.get("summary")) for part in details if isinstance(part, dict))


def number(value: Any) -> int | None:
    """A count that makes sense: an int, or a float without a rest, from 0 to 10^9."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= _MOST_TOKENS else None


def usage_of(raw: Any) -> Usage | None:
    """The usage a server reported; None when there is none, or none to be trusted."""
    if not isinstance(raw, dict):
        return None
    prompt, completion = number(raw.get("prompt_tokens")), number(raw.get("completion_tokens"))
    total = number(raw.get("total_tokens"))
    if raw.get("prompt_tokens") is None and completion is not None and total is not None:
        prompt = number(total - completion)
    if raw.get("completion_tokens") is None and prompt is not None and total is not None:
        completion = number(total - prompt)
    if prompt is None or completion is None:
        return None
    cached = _detail(raw, "prompt_tokens_details", "cached_tokens")
    reasoning = _detail(raw, "completion_tokens_details", "reasoning_tokens")
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion if total is None else total,
        cached_tokens=None if cached is None else min(cached, prompt),
        reasoning_tokens=None if reasoning is None else min(reasoning, completion),
        raw=raw,
    )


def _detail(raw: dict[str, Any], group: str, name: str) -> int | None:
    details = raw.get(group)
    return number(details.get(name)) if isinstance(details, dict) else None
