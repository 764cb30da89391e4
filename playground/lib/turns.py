"""How many requests run Python at the same time.

Each request has a thread of its own, and only one thread runs Python at any moment. Without a bound, twenty requests at once
share it in slices: every one of them takes twenty times as long, those that hold the database's write lock too, and the
event loop, which streams everybody's answers, is one of twenty-one. So few run and the others wait, in order, for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# One that runs, one that waits for the disk, one that waits for the lock.
AT_ONCE = 3

_turns = threading.Semaphore(AT_ONCE)
_here = threading.local()


class TurnMiddleware:
    """The outermost middleware: a request takes a turn before anything else happens. Synchronous on purpose."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with _turns:
            _here.has_turn = True
            try:
                return self.get_response(request)
            finally:
                _here.has_turn = False


@contextmanager
def others_may_run() -> Iterator[None]:
    """Around a long wait for something outside (a program, another server): the turn goes to the next request."""
    if not getattr(_here, "has_turn", False):
        yield
        return
    _here.has_turn = False
    _turns.release()
    try:
        yield
    finally:
        _turns.acquire()
        _here.has_turn = True
