"""Events as bytes, for a run log that other processes read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from playground.runs.events import (
    FirstToken,
    ReasoningDelta,
    RunEvent,
    RunFinished,
    RunQueued,
    RunRetrying,
    RunStarted,
    TextDelta,
)

_KINDS: dict[str, Callable[..., RunEvent]] = {
    "queued": RunQueued,
    "started": RunStarted,
    "retrying": RunRetrying,
    "first": FirstToken,
    "text": TextDelta,
    "reasoning": ReasoningDelta,
    "finished": RunFinished,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(slots=True)
class Extent:
    """How much of a run there is: characters of text and of reasoning, and other events. Their sum is a log's offset."""

    text: int = 0
    reasoning: int = 0
    others: int = 0

    @property
    def offset(self) -> int:
        return self.text + self.reasoning + self.others

    def add(self, event: RunEvent) -> None:
        match event:
            case TextDelta(text):
                self.text += len(text)
            case ReasoningDelta(text):
                self.reasoning += len(text)
            case _:
                self.others += 1

    def copy(self) -> Extent:
        return Extent(self.text, self.reasoning, self.others)


@dataclass(frozen=True, slots=True)
class Entry:
    """Events in order, and what came before the first of them."""

    before: Extent
    events: Sequence[RunEvent]

    def lacks(self, known: Extent) -> bool:
        """Whether something lies between what is `known` and this entry."""
        before = self.before
        return before.text > known.text or before.reasoning > known.reasoning or before.others > known.others

    def new_to(self, known: Extent) -> list[RunEvent]:
        """The part of the events that lies behind `known`."""
        at = self.before.copy()
        new: list[RunEvent] = []
        for event in self.events:
            match event:
                case TextDelta(text):
                    if rest := text[max(known.text - at.text, 0) :]:
                        new.append(TextDelta(rest))
                case ReasoningDelta(text):
                    if rest := text[max(known.reasoning - at.reasoning, 0) :]:
                        new.append(ReasoningDelta(rest))
                case _:
                    if at.others >= known.others:
                        new.append(event)
            at.add(event)
        return new


def encode(entry: Entry) -> bytes:
    """JSON: ``[[text, reasoning, others], [[kind, field, …], …]]``."""
    before = entry.before
    rows = [[_NAMES[type(event)], *_fields(event)] for event in entry.events]
    return orjson.dumps([[before.text, before.reasoning, before.others], rows])


def decode(data: bytes) -> Entry:
    """Raises ValueError for what `encode` did not write."""
    try:
        before, rows = orjson.loads(data)
        return Entry(Extent(*before), [_KINDS[kind](*fields) for kind, *fields in rows])
    except (KeyError, TypeError) as error:
        raise ValueError("not an entry of a run log") from error


def _fields(event: RunEvent) -> list[Any]:
    return [getattr(event, name) for name in event.__dataclass_fields__]
