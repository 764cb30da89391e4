"""The small frames a page sends over its socket, checked before anything else looks at them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

MAX_FRAME_BYTES = 64 * 1024


class BadFrame(Exception):
    """Not one of our commands."""


@dataclass(frozen=True, slots=True)
class Follow:
    run: UUID
    after: str


@dataclass(frozen=True, slots=True)
class Unfollow:
    run: UUID


@dataclass(frozen=True, slots=True)
class Watch:
    conversation: UUID


@dataclass(frozen=True, slots=True)
class Unwatch:
    conversation: UUID


@dataclass(frozen=True, slots=True)
class Ack:
    seq: int


Command = Follow | Unfollow | Watch | Unwatch | Ack


def parse(text: str) -> Command:
    """The command in a text frame. Raises BadFrame for anything else, however deep or large."""
    if len(text) > MAX_FRAME_BYTES:
        raise BadFrame
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if not isinstance(frame, dict):
        raise BadFrame
    match frame.get("type"):
        case "follow":
            return Follow(_uuid(frame, "run"), str(frame.get("after", ""))[:40])
        case "unfollow":
            return Unfollow(_uuid(frame, "run"))
        case "watch":
            return Watch(_uuid(frame, "conversation"))
        case "unwatch":
            return Unwatch(_uuid(frame, "conversation"))
        case "ack":
            return Ack(_integer(frame, "seq"))
        case _:
            raise BadFrame


def _uuid(frame: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(str(frame.get(name)))
    except ValueError:
        raise BadFrame from None


def _integer(frame: dict[str, Any], name: str) -> int:
    value = frame.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise BadFrame
    return value
