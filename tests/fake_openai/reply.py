"""Scripted replies: what a test queues with `FakeOpenAI.play()`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from tests.fake_openai.asked import Request, text_of
from tests.fake_openai.frames import DONE, Chunks, pieces_of, usage_of
from tests.fake_openai.script import End, Framing, Gate, Head, Piece, Script, Step, Wait

STREAM_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
JSON_HEADERS = {"Content-Type": "application/json"}
COUNTED: Any = object()  # usage that the fake counts itself
_PLAIN_MAX_SECONDS = 2  # a reply that is not streamed is not made to take longer than this


class Reply:
    """One answer, played to one request. The constructors below cover what tests need; `play` makes the steps.

    `hold_after(n)` holds the answer once n pieces of text are out (0: after the role chunk, before any text; -1: before
    the status line) until `release()`. A reply that is not streamed holds before its status line. Both may be called
    from any thread. `request` is set when the reply has been given to one.
    """

    def __init__(self, make: Callable[[Request], Iterable[Step]]) -> None:
        self._make = make
        self._gates: dict[int, Gate] = {}
        self._given = threading.Event()
        self._request: Request | None = None

    # --- making ---

    @classmethod
    def text(
        cls,
        text: str | Iterable[str],
        *,
        tokens_per_second: float = 0,
        usage: Any = COUNTED,
        finish_reason: str = "stop",
        reasoning: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A good answer, streamed or not as the request asks. A list of strings is sent piece by piece as given.

        `usage=None` never reports any; a dict is reported as it is; by default it is counted and sent when asked for.
        `tokens_per_second=0` sends as fast as the client reads.
        """
        pieces = pieces_of(text) if isinstance(text, str) else list(text)
        pause = Wait(1 / tokens_per_second) if tokens_per_second else None
        thoughts = pieces_of(reasoning)

        def make(request: Request) -> Iterable[Step]:
            chunks = Chunks(request.model, usage_null=request.is_stream and request.wants_usage)
            prompt = "".join(text_of(message) for message in request.messages)
            counted = usage_of(prompt, len(pieces), len(thoughts)) if usage is COUNTED else usage
            if not request.is_stream:
                if pause:
                    yield Wait(min(len(pieces) * pause, _PLAIN_MAX_SECONDS))
                whole = chunks.completion(
                    "".join(pieces), reason=finish_reason, usage=counted, reasoning="".join(thoughts)
                )
                yield Head(200, JSON_HEADERS | dict(headers or {}), Framing.LENGTH)
                yield orjson.dumps(whole)
                return
            yield Head(200, STREAM_HEADERS | dict(headers or {}))
            yield chunks.role()
            for thought in thoughts:
                yield chunks.delta({"reasoning_content": thought})
                if pause:
                    yield pause
            for piece in pieces:
                if pause:
                    yield pause
                yield Piece(chunks.text(piece))
            yield chunks.finish(finish_reason)
            if counted is not None and (usage is not COUNTED or request.wants_usage):
                yield chunks.usage(counted)
            yield DONE

        return cls(make)

    @classmethod
    def error(
        cls,
        status: int,
        message: str = "The server said no.",
        *,
        type: str = "invalid_request_error",  # noqa: A002 - the field's own name
        param: str | None = None,
        code: str | int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """An error of OpenAI's shape."""
        body = {"error": {"message": message, "type": type, "param": param, "code": code}}
        return cls.json(body, status=status, headers=headers)

    @classmethod
    def json(cls, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        return cls.raw(orjson.dumps(body), status=status, headers=JSON_HEADERS | dict(headers or {}))

    @classmethod
    def raw(cls, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """A body as it is, with its length, whatever was asked."""
        return cls.steps(Head(status, dict(headers or {}), Framing.LENGTH), body)

    @classmethod
    def events(cls, *parts: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """A 200 event stream of the bytes given, each a chunk of its own, whatever was asked."""
        return cls.steps(Head(200, STREAM_HEADERS | dict(headers or {})), *parts)

    @classmethod
    def steps(cls, *steps: Step) -> Reply:
        """Anything: see script.py. A Gate among the steps can be released once only."""
        return cls(lambda request: steps)

    @classmethod
    def cut(cls, text: str = "It was going so well", *, end: End = End.CUT) -> Reply:
        """Streams `text`, then closes (End.CUT), resets (End.RESET) or stops sending (End.STALL)."""

        def make(request: Request) -> Iterable[Step]:
            chunks = Chunks(request.model)
            yield Head(200, STREAM_HEADERS)
            yield chunks.role()
            yield from (Piece(chunks.text(piece)) for piece in pieces_of(text))
            yield end

        return cls(make)

    # --- control ---

    @property
    def holds(self) -> bool:
        """True while there is something to release."""
        return bool(self._gates)

    def hold_after(self, pieces: int) -> Reply:
        self._gates[pieces] = Gate()
        return self

    def release(self) -> None:
        """Let the earliest hold go."""
        if self._gates:
            self._gates[min(self._gates)].release()
            del self._gates[min(self._gates)]

    def release_all(self) -> None:
        while self._gates:
            self.release()

    def wait_held(self, timeout: float = 10) -> None:
        """Return when the reply stands at its earliest hold. TimeoutError after `timeout` seconds."""
        if self._gates and not self._gates[min(self._gates)].reached.wait(timeout):
            raise TimeoutError("the reply never reached its hold")

    def wait_given(self, timeout: float = 10) -> Request:
        """The request that this reply was given to. TimeoutError after `timeout` seconds."""
        if not self._given.wait(timeout) or self._request is None:
            raise TimeoutError("nobody asked for this reply")
        return self._request

    def play(self, request: Request) -> Script:
        """The steps for one request, holds included."""
        self._request = request
        self._given.set()
        gates = dict(self._gates)  # a released gate no longer holds, so an old copy does no harm
        if not request.is_stream:
            yield from (gates[key] for key in sorted(gates))
            yield from self._make(request)
            return
        if -1 in gates:
            yield gates[-1]
        sent = 0
        for step in self._make(request):
            if sent == 0 and 0 in gates and isinstance(step, (Piece, Wait)):
                yield gates.pop(0)
            yield step
            if isinstance(step, Piece):
                sent += 1
                if sent in gates:
                    yield gates[sent]
