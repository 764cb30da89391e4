"""Tokens per second while an answer is being written."""

from __future__ import annotations

import pytest

from playground.chat import rate
from playground.chat.rate import LiveRate

TEN_TOKENS = "x" * 40  # four bytes a token, by the estimate


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(rate, "time", clock)
    return clock


def test_what_came_before_somebody_looked_is_not_counted(clock):
    live = LiveRate()
    live.add("x" * 400_000)
    assert live.per_second is None
    clock.now += 1
    live.add(TEN_TOKENS)
    assert live.per_second == 10


def test_the_figure_moves_twice_a_second_at_most_and_is_the_average(clock):
    live = LiveRate()
    live.add(TEN_TOKENS)
    told = []
    for _piece in range(100):  # 25 pieces a second for four seconds
        clock.now += 0.04
        live.add(TEN_TOKENS)
        if live.per_second is not None and (not told or told[-1] != live.per_second):
            told.append(live.per_second)
    clock.now += 4  # the model pauses
    live.add(TEN_TOKENS)
    assert len(told) <= 8
    assert live.per_second == pytest.approx(126, abs=1)


def test_short_pieces_are_not_rounded_up_one_by_one(clock):
    live = LiveRate()
    live.add("a")
    for _piece in range(10):
        clock.now += 0.1
        live.add("a b ")
    assert live.per_second == pytest.approx(10, abs=1)
