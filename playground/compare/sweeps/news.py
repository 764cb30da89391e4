"""What the driver of this process is told, from any thread: look for work, or how a cell ended. A hint may be lost; the rows are the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Ended(NamedTuple):
    """A cell's run came to its end. `is_refused`: by a provider that wants fewer requests, after `retry_after_s` if it says so."""

    sweep: int
    is_refused: bool = False
    retry_after_s: float | None = None
    blocks: str = ""  # what went wrong concerns every cell of that provider: the error's sentence


class Listener(Protocol):
    def look(self) -> None: ...

    def ended(self, news: Ended) -> None: ...


def _nobody() -> Listener | None:
    return None


_listener: Callable[[], Listener | None] = _nobody


def listen(find: Callable[[], Listener | None]) -> None:
    """`find` gives whoever drives the sweeps of this process, or None."""
    global _listener  # noqa: PLW0603 - one driver a process
    _listener = find


def look() -> None:
    """A sweep was started, resumed, paused or stopped."""
    if (listener := _listener()) is not None:
        listener.look()


def ended(news: Ended) -> None:
    if (listener := _listener()) is not None:
        listener.ended(news)
