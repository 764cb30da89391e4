"""How many requests run Python at the same time.

Each request has a thread of its own, and only one thread runs Python at any moment. Without a bound, twenty requests at once
share it in slices: every one of them takes twenty times as long, those that hold the database's write lock too, and the
event loop, which streams everybody's answers, is one of twenty-one. So few run and the others wait, in order, for nothing;
and while the loop cannot keep up they run one at a time, so that it gets its share.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# One that runs, one that waits for the disk, one that waits for the lock.
AT_ONCE = 3


class Turns:
    """A semaphore whose number of places can be one for a while."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running = 0
        self._alone_until = 0.0

    def hold_back(self, seconds: float) -> None:
        """One at a time from now on, for so long. From any thread; does not wait."""
        self._alone_until = time.monotonic() + seconds

    def take(self) -> None:
        """Wait for a turn."""
        with self._change:
            self._change.wait_for(lambda: self._running < self._places())
            self._running += 1

    def take_at_once(self) -> None:
        """Go on without waiting, one more than there are places: for whoever holds what those with a turn may wait for."""
        with self._change:
            self._running += 1

    def give(self) -> None:
        """A turn has ended. Who waits looks again how many places there are."""
        with self._change:
            self._running -= 1
            self._change.notify(max(self._places() - self._running, 0))

    def _places(self) -> int:
        return 1 if time.monotonic() < self._alone_until else AT_ONCE


turns = Turns()
_here = threading.local()


class TurnMiddleware:
    """The outermost middleware: a request takes a turn before anything else happens. Synchronous on purpose."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        turns.take()
        _here.has_turn = True
        try:
            return self.get_response(request)
        finally:
            _here.has_turn = False
            turns.give()


@contextmanager
def others_may_run(*, is_needed_after: bool = False) -> Iterator[None]:
    """Around a long wait for something outside (a program, another server): the turn goes to the next request.

    `is_needed_after`: what was waited for is a lock that others wait for too. Whoever has it goes on at once: behind them in
    the row, it would wait for all of them, and each of them for it.
    """
    if not getattr(_here, "has_turn", False):
        yield
        return
    _here.has_turn = False
    turns.give()
    try:
        yield
    finally:
        if is_needed_after:
            turns.take_at_once()
        else:
            turns.take()
        _here.has_turn = True
