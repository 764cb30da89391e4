"""How a sweep slows down when it is told to, and comes back."""

from __future__ import annotations

from playground.compare.sweeps.throttle import Throttle


def test_it_halves_and_waits_as_long_as_it_is_asked_to():
    throttle = Throttle(most=8)
    throttle.refused(100.0, 20.0)
    assert throttle.allowed == 4
    assert throttle.places(119.9, 0) == 0
    assert throttle.places(120.0, 1) == 3


def test_refusals_of_requests_that_were_under_way_count_once():
    throttle = Throttle(most=8)
    for _number in range(8):
        throttle.refused(100.0, 5.0)
    assert throttle.allowed == 4
    throttle.refused(106.0, 5.0)
    assert throttle.allowed == 2


def test_it_comes_back_by_one_a_round_and_no_further_than_it_began():
    throttle = Throttle(most=4)
    throttle.refused(0.0, 1.0)
    assert throttle.is_slow
    for _number in range(2 + 3):
        throttle.passed()
    assert throttle.allowed == 4
    for _number in range(20):
        throttle.passed()
    assert throttle.allowed == 4
    assert not throttle.is_slow


def test_without_a_time_it_waits_longer_each_time_and_never_less_than_one_at_once():
    throttle, waits = Throttle(most=2), []
    now = 0.0
    for _number in range(10):
        throttle.refused(now, None)
        waits.append(throttle.not_before - now)
        now = throttle.not_before + 0.1
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 60
    assert throttle.allowed == 1


def test_a_provider_that_asks_for_a_day_is_asked_again_before():
    throttle = Throttle(most=2)
    throttle.refused(0.0, 86_400.0)
    assert throttle.not_before <= 300
