"""What a provider would bill: written down by the fake server's own side of each connection, read by nobody but tests.

A request is billed by the usage that the server reported, where that can be true; otherwise by what it really generated, counted
its own way. Refusals, and answers that broke on the server's side before a word, are not billed. When the client leaves first, the prompt was
read all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fake_openai import Head, Piece, Reply, Request
from tests.fake_openai.asked import text_of
from tests.fake_openai.frames import pieces_of, usage_of
from tests.fake_openai.script import Script

MOST_BYTES = 2 * 1024 * 1024  # of an answer that are read again
MOST_TOKENS = 10**9


@dataclass(frozen=True)
class Line:
    """Tokens of one request, as billed."""

    prompt: int
    cached: int
    completion: int
    is_reported: bool


@dataclass
class Bill:
    """What went out on one connection."""

    request: Request
    status: int = 0
    body: bytearray = field(default_factory=bytearray)

    def note(self, step: Any) -> None:
        if isinstance(step, Head):
            self.status = step.status
        data = step.data if isinstance(step, Piece) else step
        if isinstance(data, bytes) and len(self.body) < MOST_BYTES:
            self.body += data

    def line(self) -> Line | None:
        """None: not billed."""
        payloads = list(self._payloads())
        reported = [usage for one in payloads if (usage := _believable(one.get("usage")))]
        if self.status == 200 and reported and self._is_whole(payloads):
            return reported[-1]
        said = "".join(text for one in payloads for text in _texts(one))
        is_billed = said or self.request.disconnected or self._is_whole(payloads)
        if self.status >= 300 or not is_billed:
            return None
        prompt = "".join(text_of(message) for message in self.request.messages)
        counted = usage_of(prompt, len(pieces_of(said)))
        return Line(counted["prompt_tokens"], 0, counted["completion_tokens"], is_reported=False)

    def _payloads(self) -> Iterator[dict[str, Any]]:
        """Every JSON object that was sent, however it was framed."""
        text = self.body.decode("utf-8", "replace").lstrip("\N{BYTE ORDER MARK}")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        blocks = [text] if text.startswith("{") else text.split("\n\n")
        for block in blocks:
            lines = [line[5:] for line in block.split("\n") if line.startswith("data:")]
            try:
                value = json.loads("\n".join(lines) if lines else block)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value

    @staticmethod
    def _is_whole(payloads: list[dict[str, Any]]) -> bool:
        """It ended with a reason, and with no error."""
        reasons = [choice.get("finish_reason") for one in payloads for choice in _choices(one)]
        return any(reasons) and "error" not in reasons and not any(one.get("error") for one in payloads)


class Billed:
    """A reply that writes its bill while it is played. Everything else is the reply's."""

    def __init__(self, reply: Reply, bills: list[Bill]) -> None:
        self._reply, self._bills = reply, bills

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reply, name)

    def play(self, request: Request) -> Script:
        bill = Bill(request)
        self._bills.append(bill)
        for step in self._reply.play(request):
            bill.note(step)
            yield step


def _believable(usage: Any) -> Line | None:
    """A usage that a provider could stand by: counts, and not more than there can be."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not all(isinstance(one, (int, float)) and 0 <= one <= MOST_TOKENS for one in (prompt, completion)):
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Line(int(prompt), int(cached), int(completion), is_reported=True)


def _choices(payload: dict[str, Any]) -> list[dict[str, Any]]:
    choices = payload.get("choices")
    return [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []


def _texts(payload: dict[str, Any]) -> Iterator[str]:
    """Whatever the model wrote in one chunk: text, refusals, thoughts, arguments of tools."""
    for choice in _choices(payload):
        part = choice.get("delta") or choice.get("message") or {}
        content = part.get("content") or choice.get("text")
        yield content if isinstance(content, str) else text_of({"content": content})
        for name in ("refusal", "reasoning_content", "reasoning"):
            yield part.get(name) or ""
        for detail in part.get("reasoning_details") or ():
            yield detail.get("text") or ""
        for call in part.get("tool_calls") or ():
            function = call.get("function") or {}
            arguments = function.get("arguments") or ""
            yield (function.get("name") or "") + (arguments if isinstance(arguments, str) else json.dumps(arguments))
