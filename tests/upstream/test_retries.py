"""Which failures are tried again, how often, and after how long: section 3 of the protocol reference."""

from __future__ import annotations

import pytest

from playground.upstream import errors
from playground.upstream.errors import ServerFailed
from playground.upstream.retry import delay_before
from playground.upstream.types import Retrying, Timeouts
from tests.fake_openai import End, Reply, scenario
from tests.upstream.conftest import QUICK

AGAIN = ["408", "409", "429", "500", "502-html", "503", "504-html", "200-error", "error-first"]
NEVER = [
    "400",
    "401",
    "402",
    "403",
    "404",
    "413",
    "context",
    "429-quota",
    "429-final",
    "fastapi",
    "200-html",
    "redirect",
]


@pytest.mark.parametrize("name", AGAIN)
async def test_a_failure_that_may_pass_is_tried_twice_more(ask, fake, name):
    got = await ask(scenario(name), scenario(name), Reply.text("At last."))
    assert got.text == "At last."
    assert [(retry.attempt, retry.of) for retry in got.retries] == [(2, 3), (3, 3)]
    got = await ask(*(scenario(name) for _try in range(3)))
    assert isinstance(got.error, errors.ErrorReply)
    assert len(fake.completions) == 6


@pytest.mark.parametrize("end", [End.CUT, End.RESET])
async def test_a_lost_connection_before_the_answer_is_tried_again(ask, end):
    got = await ask(Reply.steps(end), Reply.text("At last."))
    assert got.text == "At last."
    assert got.retries[0].reason == "No connection to the server."


@pytest.mark.parametrize("name", NEVER)
async def test_a_failure_that_will_not_pass_is_not_tried_again(ask, fake, name):
    got = await ask(scenario(name), Reply.text("Never asked."))
    assert got.error
    assert got.retries == []
    assert len(fake.completions) == 1


@pytest.mark.parametrize("end", [End.CUT, End.RESET])
async def test_nothing_is_tried_again_once_the_answer_has_begun(ask, fake, end):
    got = await ask(Reply.cut("It began", end=end).hold_after(100), Reply.text("Never asked."))
    assert isinstance(got.error, errors.CutOff)
    assert got.retries == []
    assert len(fake.completions) == 1


async def test_waits_grow_and_follow_the_server(ask, naps):
    await ask(*(scenario("500") for _try in range(3)))
    assert naps == [0.5, 1.0]
    naps.clear()
    await ask(*(scenario("429") for _try in range(3)))
    assert naps == [1.0, 1.0]
    naps.clear()
    await ask(*(scenario("503") for _try in range(3)))
    assert naps == [0.3, 0.3]


@pytest.mark.parametrize(
    ("retry_after_s", "delay"), [(None, 0.5), (0.0, 0.5), (7.0, 7.0), (30.0, 30.0), (31.0, None), (3600.0, None)]
)
def test_a_server_that_asks_for_more_than_30_seconds_is_not_asked_again(retry_after_s, delay):
    error = ServerFailed(message="", is_retryable=True, retry_after_s=retry_after_s)
    assert delay_before(2, error, 0.0) == delay


def test_there_is_no_fourth_try():
    assert delay_before(4, ServerFailed(message="", is_retryable=True), 0.0) is None


def test_chance_shortens_a_wait_by_a_quarter_at_most():
    assert delay_before(3, ServerFailed(message="", is_retryable=True), 1.0) == 0.75


async def test_x_should_retry_decides(ask):
    told = Reply.error(400, "Try again", headers={"x-should-retry": "true"})
    assert (await ask(told, Reply.text("Yes."))).text == "Yes."
    told = Reply.error(500, "Do not", headers={"x-should-retry": "false"})
    assert (await ask(told)).retries == []


async def test_retrying_is_seen_before_the_wait(client, fake, naps):
    from playground.upstream.types import Endpoint

    fake.play(scenario("500"), Reply.text("Yes."))
    async with client.stream(
        Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": [{}]}, QUICK
    ) as events:
        first = await anext(events)
        assert first == Retrying(attempt=2, of=3, delay_s=0.5, reason="The server had an error")
        assert naps == []


async def test_the_total_clock_runs_over_tries_and_waits(fake):
    import asyncio

    from playground.upstream.client import UpstreamClient
    from playground.upstream.types import Endpoint

    client = UpstreamClient(sleep=lambda _seconds: asyncio.sleep(60))
    fake.play(scenario("500"))
    with pytest.raises(errors.TotalTimeout):  # noqa: PT012
        async with client.stream(
            Endpoint(fake.base_url), {"messages": [{}], "model": "m"}, Timeouts(total_s=0.2)
        ) as events:
            async for _event in events:
                pass
    await client.aclose()
