"""Few requests run at once, and only one while the event loop cannot keep up."""

from __future__ import annotations

import threading

import pytest

from playground.lib import turns as module
from playground.lib.turns import AT_ONCE, TurnMiddleware, Turns, others_may_run


class Crowd:
    """Threads that each take a turn and keep it until they are told to give it back."""

    def __init__(self, turns: Turns, size: int) -> None:
        self._turns = turns
        self._in = threading.Semaphore(0)
        self._go = threading.Semaphore(0)
        self.running = self.most = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._visit) for _ in range(size)]
        for thread in self._threads:
            thread.start()

    def _visit(self) -> None:
        self._turns.take()
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self._in.release()
        self._go.acquire()
        with self._lock:
            self.running -= 1
        self._turns.give()

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self._in.acquire(timeout=20)

    def let_go(self, count: int) -> None:
        for _ in range(count):
            self._go.release()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def clock(monkeypatch):
    """Seconds, as the module sees them."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_no_more_run_at_once_than_there_are_places():
    crowd = Crowd(Turns(), 3 * AT_ONCE)
    for _ in range(3):
        crowd.wait_for(AT_ONCE)
        crowd.let_go(AT_ONCE)
    crowd.join()
    assert crowd.most == AT_ONCE


def test_held_back_they_run_one_at_a_time_and_afterwards_as_before(clock):
    turns = Turns()
    turns.hold_back(1.0)
    crowd = Crowd(turns, 2 + 2 * AT_ONCE)
    crowd.wait_for(1)
    crowd.let_go(1)
    crowd.wait_for(1)
    assert crowd.most == 1
    clock[0] += 1.5
    crowd.let_go(1)
    for _ in range(2):
        crowd.wait_for(AT_ONCE)
        crowd.let_go(AT_ONCE)
    crowd.join()
    assert crowd.most == AT_ONCE


def test_whoever_has_the_lock_that_others_wait_for_goes_on_at_once(monkeypatch):
    monkeypatch.setattr(module, "turns", Turns())
    crowds: list[Crowd] = []

    def work(_request) -> str:
        with others_may_run(is_needed_after=True):  # the lock is ours when this ends
            crowds.append(Crowd(module.turns, 3 * AT_ONCE))
            crowds[0].wait_for(AT_ONCE)
        return "went on"

    done: list[str] = []
    thread = threading.Thread(target=lambda: done.append(TurnMiddleware(work)(None)))
    thread.start()
    thread.join(20)
    assert done == ["went on"]
    assert crowds[0].running == AT_ONCE  # none of them had to give way
    crowds[0].let_go(3 * AT_ONCE)
    crowds[0].join()
