"""One choice of an answer, put together from its chunks."""

from __future__ import annotations

from typing import Any

import orjson

from playground.lib.transcript import Transcript
from playground.upstream.types import ReasoningDelta, TextDelta

_KNOWN_DELTA = {"role", "content", "refusal", "tool_calls", "function_call", "annotations"} | {
    "reasoning",
    "reasoning_content",
    "reasoning_details",
}
_KNOWN_CHOICE = {"index", "delta", "message", "text", "logprobs", "finish_reason"}


class ChoiceState:
    """What choice `index` has said so far."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.finish_reason: str | None = None
        self.text = Transcript()
        self.reasoning = Transcript()
        self.refusal: list[str] = []
        self.extra: dict[str, Any] = {}  # of the choice; the last value that is not null
        self.message_extra: dict[str, Any] = {}
        self.annotations: list[Any] = []
        self.logprobs: dict[str, list[Any]] = {}
        self._calls: list[dict[str, Any]] = []
        self._call_keys: list[int | None] = []  # the server's own index of each call

    def events(self, reasoning: str, text: str) -> list[TextDelta | ReasoningDelta]:
        """Keep what was said, and give it as events."""
        found: list[TextDelta | ReasoningDelta] = []
        if reasoning:
            self.reasoning.append(reasoning)
            found.append(ReasoningDelta(reasoning))
        if text:
            self.text.append(text)
            found.append(TextDelta(text))
        return found

    def add_extras(self, choice: dict[str, Any], delta: dict[str, Any]) -> None:
        """Fields we do not know, of the choice and of its message."""
        for name in choice.keys() - _KNOWN_CHOICE:
            if choice[name] is not None:
                self.extra[name] = choice[name]
        for name in delta.keys() - _KNOWN_DELTA:
            if delta[name] is not None:
                self.message_extra[name] = delta[name]
        if isinstance(delta.get("annotations"), list):
            self.annotations += delta["annotations"]

    def add_logprobs(self, logprobs: Any) -> None:
        for name in ("content", "refusal"):
            if isinstance(logprobs, dict) and isinstance(logprobs.get(name), list):
                self.logprobs.setdefault(name, []).extend(logprobs[name])

    def add_calls(self, deltas: Any) -> int:
        """Merge tool call deltas. Returns how many characters of arguments they brought."""
        size = 0
        for delta in deltas if isinstance(deltas, list) else []:
            if not isinstance(delta, dict):
                continue
            call = self._call_for(delta)
            if isinstance(delta.get("id"), (str, int)) and str(delta["id"]):
                call["id"] = str(delta["id"])
            if isinstance(delta.get("type"), str) and delta["type"]:
                call["type"] = delta["type"]
            size += _add_function(call["function"], delta.get("function"))
        return size

    def add_function_call(self, function: Any) -> int:
        """The deprecated single call: kept as a tool call."""
        return self.add_calls([{"index": 0, "function": function}]) if isinstance(function, dict) else 0

    def _call_for(self, delta: dict[str, Any]) -> dict[str, Any]:
        """By index; without one by id; a new id, or the very first, begins a new call; otherwise the last one."""
        key = delta.get("index")
        said = delta.get("id")
        if isinstance(key, int) and key in self._call_keys:
            return self._calls[self._call_keys.index(key)]
        if not isinstance(key, int):
            key = None
            for call in self._calls:
                if said and call["id"] == str(said):
                    return call
            if self._calls and not said:
                return self._calls[-1]
        call = {"id": "", "type": "function", "function": {"name": "", "arguments": []}}
        self._calls.append(call)
        self._call_keys.append(key)
        return call

    def tool_calls(self) -> list[dict[str, Any]]:
        """The calls, whole: each with an id, arguments as one JSON string, `{}` when there are none."""
        return [
            {
                **call,
                "id": call["id"] or f"call_{self.index}_{number}",
                "function": {**call["function"], "arguments": "".join(call["function"]["arguments"]) or "{}"},
            }
            for number, call in enumerate(self._calls)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The choice as a `chat.completion` has it."""
        calls = self.tool_calls()
        message: dict[str, Any] = {
            "role": "assistant",
            "content": str(self.text) if self.text or not (calls or self.refusal) else None,
            "refusal": "".join(self.refusal) or None,
            **self.message_extra,
        }
        if self.reasoning:
            message["reasoning_content"] = str(self.reasoning)
        if calls:
            message["tool_calls"] = calls
        if self.annotations:
            message["annotations"] = self.annotations
        return {
            "index": self.index,
            "message": message,
            "logprobs": self.logprobs or None,
            "finish_reason": self.finish_reason,
            **self.extra,
        }


def _add_function(call: dict[str, Any], function: Any) -> int:
    if not isinstance(function, dict):
        return 0
    if isinstance(function.get("name"), str) and function["name"]:
        call["name"] = function["name"]
    arguments = function.get("arguments")
    if arguments is None:
        return 0
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    call["arguments"].append(text)
    return len(text)
