"""Payloads of a stream, or the one of a plain answer, to typed events and the assembled `chat.completion`.

Tolerates what compatible servers do: missing, null and empty choices and deltas, roles in every chunk, ids that are
numbers, usage anywhere, a full message inside a stream, text after the finish, errors inside a 200.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from playground.upstream.choices import ChoiceState
from playground.upstream.errors import BadReply, CutOff, ErrorReply
from playground.upstream.parts import finish_reason_of, parse_json, reasoning_of, text_of, usage_of
from playground.upstream.pattern import ChunkPattern
from playground.upstream.redact import shown
from playground.upstream.replies import error_from_payload
from playground.upstream.think import ThinkSplitter
from playground.upstream.types import Accepted, Completed, ReasoningDelta, TextDelta, Usage

_KNOWN = {"id", "object", "created", "model", "choices", "usage", "error", "obfuscation"}
_MOST_CHOICES = 128  # OpenAI's bound on n


class Answer:
    """One answer being put together. Feed it payloads; it appends the events they mean to `out`.

    `outputs` grows with everything the model said, whether or not it makes an event: the clocks run on it.
    `answer_bytes` bounds what is held.
    """

    def __init__(
        self, *, answer_bytes: int, secrets: Iterable[str] = (), request: Mapping[str, Any] | None = None
    ) -> None:
        self.outputs = 0
        self.is_done = False
        self._limit = answer_bytes
        self._held = 0
        self._logprob_bytes = 0
        self.secrets = list(secrets)
        self._request = request
        self._is_accepted = False
        self._top: dict[str, Any] = {}
        self._id, self._model, self._created = "", "", 0
        self._usage: Usage | None = None
        self._usage_raw: Any = None
        self._choices: dict[int, ChoiceState] = {}
        self._shown: ChoiceState | None = None  # the choice whose text becomes events: the first that came
        self._think = ThinkSplitter()
        self._pattern = ChunkPattern()

    @property
    def has_begun(self) -> bool:
        """True once a good frame has come."""
        return self._is_accepted

    @property
    def is_finished(self) -> bool:
        """True once every choice has its finish reason: what is still to come is usage and notes."""
        return bool(self._choices) and all(choice.finish_reason for choice in self._choices.values())

    def feed(self, name: bytes, data: bytes, out: list[Any]) -> None:
        """One event of the stream. Raises ErrorReply or BadReply."""
        if not name and (text := self._pattern.text(data)) is not None:
            self._say(self._state(self._pattern.index), "", text, out)
            return
        if data == b"[DONE]" or (data[-1:].isspace() and data.strip() == b"[DONE]"):
            self.is_done = True
            return
        try:
            payload = parse_json(data)
        except ValueError:
            self._not_json(name, data, out)
            return
        if name == b"error" and isinstance(payload, dict):
            raise self._error(payload)
        self.add(payload, out, size=len(data))
        if not name:
            self._pattern.learn(data, payload)

    def add(self, payload: Any, out: list[Any], size: int = 0) -> None:
        """One parsed payload: a chunk, or a whole completion. Raises ErrorReply or BadReply."""
        if not isinstance(payload, dict):
            raise BadReply(message="The server sent something that is not an answer.", raw=shown(str(payload)[:1000]))
        if payload.get("error") or payload.get("object") == "error":
            raise self._error(payload)
        self._add_top(payload)
        if not self._is_accepted:
            self._is_accepted = True
            reported = partial(getattr, self, "_usage")
            out.append(Accepted(id=self._id, model=self._model, created=self._created, reported=reported))
        choices = payload.get("choices")
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict):
                    self._add_choice(choice, out, size)

    def finish(self, out: list[Any], *, is_whole: bool = False) -> Completed:
        """The end of the input. Raises CutOff when no choice has a finish reason, unless the answer came as one JSON body."""
        shown_choice = self._shown
        if shown_choice is not None and not self._think.is_idle:
            out += shown_choice.events(*self._think.flush())
        if is_whole and not self._choices:
            raise BadReply(message="The server sent JSON that is not an answer.")
        if is_whole:
            for choice in self._choices.values():
                choice.finish_reason = choice.finish_reason or "stop"
        ended = [choice for choice in self._choices.values() if choice.finish_reason]
        if not ended:
            raise CutOff(message="The answer was cut off: the server closed the stream before its end.")
        first = shown_choice if shown_choice is not None and shown_choice.finish_reason else ended[0]
        reason = finish_reason_of(first.finish_reason or "")
        return Completed(
            finish_reason=reason,
            response=self.response(),
            usage=self._usage,
            resolved_model=self._model,
            system_fingerprint=str(self._top.get("system_fingerprint") or ""),
        )

    def response(self) -> dict[str, Any]:
        """The `chat.completion` object as far as it has come."""
        return {
            "id": self._id,
            "object": "chat.completion",
            "created": self._created or int(time.time()),
            "model": self._model,
            "choices": [self._choices[index].as_dict() for index in sorted(self._choices)],
            "usage": self._usage_raw,
            **self._top,
        }

    def _add_top(self, payload: dict[str, Any]) -> None:
        if not self._id and isinstance(payload.get("id"), (str, int)):
            self._id = str(payload["id"])
        if not self._model and isinstance(payload.get("model"), str):
            self._model = payload["model"]
        if not self._created and isinstance(payload.get("created"), (int, float)):
            self._created = int(payload["created"])
        usage = payload.get("usage")
        if usage is not None:
            read = usage_of(usage)
            if read is not None or self._usage is None:  # what makes no sense does not undo what did
                self._usage_raw, self._usage = usage, read
        for name, value in payload.items():
            if name not in _KNOWN and value is not None:
                self._top[name] = value

    def _add_choice(self, choice: dict[str, Any], out: list[Any], size: int) -> None:
        if choice.get("error"):
            raise self._error({"error": choice["error"]})
        state = self._state(choice.get("index"))
        delta = choice.get("delta")
        message = choice.get("message")
        if not isinstance(delta, dict) or (not delta and isinstance(message, dict)):
            delta = message if isinstance(message, dict) else {}
        text = text_of(delta.get("content")) or text_of(choice.get("text"))
        reasoning = reasoning_of(delta) if len(delta) > 1 or not text else ""
        self._say(state, reasoning, text, out)
        if len(delta) > 1 or not text:
            self._add_rest(state, delta, out)
        if len(choice) > 2:
            self._add_logprobs(state, choice, size)
            state.add_extras(choice, delta)
        said = choice.get("finish_reason")
        if said and isinstance(said, str) and state.finish_reason is None:
            if said == "error":
                raise self._error({"error": {"message": "The server ended the answer with an error.", "code": 502}})
            state.finish_reason = said

    def _say(self, state: ChoiceState, reasoning: str, text: str, out: list[Any]) -> None:
        if not text and not reasoning:
            return
        self._hold(len(text) + len(reasoning))
        if self._shown is None:
            self._shown = state
        if state is not self._shown:
            state.events(reasoning, text)
        elif self._think.is_idle:
            out += state.events(reasoning, text)
        else:
            thought, said = self._think.feed(text)
            out += state.events(reasoning + thought, said)

    def _add_rest(self, state: ChoiceState, delta: dict[str, Any], out: list[Any]) -> None:
        """Refusals and tool calls."""
        refusal = text_of(delta.get("refusal"))
        if refusal:
            self._hold(len(refusal))
            state.refusal.append(refusal)
            self._shown = self._shown or state
            if state is self._shown:
                out.append(TextDelta(refusal))
        if delta.get("tool_calls"):
            self._hold(1 + state.add_calls(delta["tool_calls"]))
        if delta.get("function_call"):
            self._hold(1 + state.add_function_call(delta["function_call"]))

    def _add_logprobs(self, state: ChoiceState, choice: dict[str, Any], size: int) -> None:
        """Kept as long as there is room: they are many times the size of the text, and less worth."""
        if choice.get("logprobs") and self._logprob_bytes < self._limit:
            self._logprob_bytes += size
            state.add_logprobs(choice["logprobs"])

    def _hold(self, size: int) -> None:
        self.outputs += 1
        self._held += size
        if self._held > self._limit:
            raise BadReply(message="The answer is longer than this server accepts.", code="answer_too_long")

    def _state(self, index: Any) -> ChoiceState:
        key = index if isinstance(index, int) else 0
        if key not in self._choices:
            if len(self._choices) >= _MOST_CHOICES:
                raise BadReply(message="The server sent more choices than there can be.")
            self._choices[key] = ChoiceState(key)
        return self._choices[key]

    def _not_json(self, name: bytes, data: bytes, out: list[Any]) -> None:
        """Words after `event: error`, several payloads without blank lines between them, or a broken frame."""
        if name == b"error":
            raise self._error(data.decode("utf-8", "replace"))
        lines = data.split(b"\n")
        if len(lines) > 1 and all(line[:1] in {b"{", b"["} and line[-1:] in {b"}", b"]"} for line in lines):
            for line in lines:
                self.feed(name, line, out)
            return
        words = shown(data[:1000].decode("utf-8", "replace"), self.secrets)
        raise BadReply(message="The server sent a frame that cannot be read.", code="bad_frame", raw=words)

    def _error(self, payload: Any) -> ErrorReply:
        return error_from_payload(payload, secrets=self.secrets, request=self._request)


def joined(events: list[Any]) -> list[Any]:
    """Neighbouring deltas of one kind become one event: a read that brought ten tokens costs its readers one."""
    if len(events) < 2:
        return events
    found: list[Any] = []
    run: list[str] = []
    kind: type[TextDelta | ReasoningDelta] | None = None
    for event in [*events, None]:
        if run and type(event) is not kind:
            found.append(kind("".join(run)))  # type: ignore[misc]  # kind is set where run is
            run = []
        if isinstance(event, (TextDelta, ReasoningDelta)):
            kind = type(event)
            run.append(event.text)
        elif event is not None:
            found.append(event)
    return found
