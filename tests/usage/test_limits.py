"""Requests and tokens a minute: a minute that slides, one count for all, and the headers that tell of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from redis.exceptions import ConnectionError as RedisAway

from playground.usage import limits
from playground.usage.limits import RateLimited, go_duration, headers, take

ALICE, BOB = limits.person(1), limits.person(2)
START = 1_795_600_800  # a whole minute


@pytest.fixture
def per_minute(settings):
    def set_limits(requests=0, tokens=0):
        settings.REQUESTS_PER_MINUTE, settings.TOKENS_PER_MINUTE = requests, tokens

    return set_limits


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def ask(who=ALICE, tokens=1):
    take(who, tokens=lambda: tokens)


def refused(who=ALICE, tokens=1) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        ask(who, tokens)
    return caught.value


def test_without_limits_nothing_is_counted(per_minute, clock):
    per_minute()
    take(ALICE, tokens=lambda: pytest.fail("nobody needs it"))
    assert headers(ALICE) == {}


def test_as_many_requests_as_allowed_pass_and_each_has_a_count_of_their_own(per_minute, clock):
    per_minute(requests=3)
    for _ in range(3):
        ask()
    assert refused().kind == "requests"
    ask(BOB)


def test_what_is_refused_does_not_count(per_minute, clock):
    per_minute(requests=2)
    ask()
    ask()
    for _ in range(50):
        refused()
    clock.shift(90)  # half of the two lie within the last minute
    ask()


def test_it_passes_after_the_seconds_that_were_told_and_not_before(per_minute, clock):
    per_minute(requests=4)
    clock.shift(30)
    for _ in range(4):
        ask()
    wait = refused().retry_after_s
    clock.shift(wait - 1.001)
    refused()
    clock.shift(1.001)
    ask()


@pytest.mark.parametrize("second", [0, 1, 20, 59, 59.9])
@pytest.mark.parametrize("limit", [1, 2, 7, 60])
def test_never_more_than_allowed_in_a_minute_of_the_clock_and_never_a_wait_in_vain(limit, second, per_minute, clock):
    per_minute(requests=limit)
    clock.shift(second)
    passed = 0
    for _ in range(limit * 3):
        try:
            ask()
            passed += 1
        except RateLimited as error:
            clock.shift(error.retry_after_s)
            ask()
            passed += 1
    assert passed == limit * 3


def test_tokens_of_prompts_count_before_and_those_of_answers_when_they_are_known(per_minute, clock):
    per_minute(tokens=1000)
    ask(tokens=400)
    limits.add_tokens(ALICE, 500)
    assert refused(tokens=200).kind == "tokens"
    ask(tokens=100)


def test_more_than_a_minute_may_ever_have_never_passes(per_minute, clock):
    per_minute(requests=5, tokens=1000)
    assert refused(tokens=1001).retry_after_s is None
    assert headers(ALICE)["x-ratelimit-remaining-requests"] == "5"


def test_the_headers_of_the_api(per_minute, clock):
    per_minute(requests=60, tokens=1000)
    assert headers(ALICE) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "60",
        "x-ratelimit-reset-requests": "0s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "1000",
        "x-ratelimit-reset-tokens": "0s",
    }
    ask(tokens=300)
    clock.shift(0.5)
    assert headers(ALICE) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1m59.5s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "700",
        "x-ratelimit-reset-tokens": "1m59.5s",
    }
    clock.shift(89.5)  # half of it has slid out
    assert headers(ALICE)["x-ratelimit-remaining-tokens"] == "850"
    assert headers(ALICE)["x-ratelimit-reset-tokens"] == "30s"
    clock.shift(30)
    assert headers(ALICE)["x-ratelimit-reset-tokens"] == "0s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.12, "120ms"), (1, "1s"), (59.5, "59.5s"), (360, "6m0s"), (3723.5, "1h2m3.5s"), (3600, "1h0m0s")],
)
def test_durations_are_written_as_go_writes_them(seconds, text):
    assert go_duration(seconds) == text


def test_of_many_at_once_no_more_pass_than_may(per_minute):
    per_minute(requests=10)
    barrier = threading.Barrier(20, timeout=60)

    def ask_some(_number):
        barrier.wait()
        passed = 0
        for _ in range(10):
            try:
                ask()
                passed += 1
            except RateLimited:
                pass
        return passed

    with time_machine.travel(START, tick=False), ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(ask_some, range(20))) == 10


def test_nobody_is_held_up_while_the_cache_is_away(per_minute, clock, monkeypatch, caplog):
    def away(*_args, **_kwargs):
        raise RedisAway

    per_minute(requests=1, tokens=1)
    monkeypatch.setattr(limits.cache, "get", away)
    for _ in range(3):
        ask()
    limits.add_tokens(ALICE, 5)
    assert headers(ALICE) == {}
    assert "not counted" in caplog.text
