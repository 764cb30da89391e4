"""The steps that a connection plays: what to write, when to wait, how to end."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


class End(enum.Enum):
    """How a reply ends when it does not end well."""

    CUT = "close the connection in the middle (FIN)"
    RESET = "reset the connection (RST)"
    STALL = "send nothing more, and keep the connection"


class Framing(enum.Enum):
    CHUNKED = "chunked"
    LENGTH = "length"  # all of the body is in the first piece
    CLOSE = "close"  # the end of the connection is the end of the body


@dataclass(frozen=True)
class Head:
    """Status line and headers. Must be the first step, except before a CUT, RESET or STALL."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Framing = Framing.CHUNKED


class Wait(float):
    """Seconds since the step before was due: a paced stream keeps its mean speed when the loop is late."""


@dataclass(frozen=True)
class Piece:
    """Bytes that carry a piece of text, counted in `Request.pieces_sent`; plain `bytes` steps are not counted."""

    data: bytes


class Gate:
    """Where a reply holds until a test, in another thread, lets it go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._lock = threading.Lock()
        self._is_open = False
        self._resume: Callable[[], object] | None = None

    def holds(self, resume: Callable[[], object]) -> bool:
        """False when already released; otherwise remembers whom to call."""
        with self._lock:
            if not self._is_open:
                self._resume = resume
        self.reached.set()
        return not self._is_open

    def release(self) -> None:
        with self._lock:
            self._is_open = True
            resume, self._resume = self._resume, None
        if resume:
            resume()


Step = Head | bytes | Piece | Wait | Gate | End
Script = Iterator[Step]
