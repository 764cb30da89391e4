"""Rule 13: two clocks, first token and silence, that comments keep alive for a while, and a total."""

from __future__ import annotations

import asyncio
import time

import pytest

from playground.upstream import errors
from playground.upstream.errors import CutOff, TotalTimeout, UpstreamError
from playground.upstream.types import Endpoint, TextDelta, Timeouts
from tests.fake_openai import End, Reply, scenario

SHORT = Timeouts(connect_s=1, first_token_s=0.2, silence_s=0.2, total_s=5, life_s=0.6)


@pytest.mark.parametrize("name", ["stall-headers", "stall-first", "stall-role"])
async def test_no_first_token_ends_the_call(ask, name):
    started = time.monotonic()
    got = await ask(scenario(name), timeouts=SHORT)
    assert isinstance(got.error, errors.FirstTokenTimeout)
    assert got.retries == []
    assert 0.2 <= time.monotonic() - started < 2


async def test_silence_in_the_middle_ends_the_call_and_keeps_the_text(ask):
    got = await ask(scenario("stall"), timeouts=SHORT)
    assert isinstance(got.error, errors.SilenceTimeout)
    assert got.text == "It was going so well until"


@pytest.mark.parametrize("name", ["comments-only", "comments-flood", "empty-deltas", "drip"])
async def test_signs_of_life_without_output_count_for_a_while_only(ask, name):
    started = time.monotonic()
    got = await ask(scenario(name), timeouts=SHORT)
    assert isinstance(got.error, errors.FirstTokenTimeout)
    assert 0.6 <= time.monotonic() - started < 3


@pytest.mark.parametrize("name", ["endless", "endless-slow"])
async def test_the_total_clock_ends_what_never_ends(ask, name):
    got = await ask(scenario(name), timeouts=Timeouts(total_s=0.5))
    assert isinstance(got.error, errors.TotalTimeout)
    assert got.text.startswith("word1 word2 ")


async def test_a_slow_reader_is_not_the_servers_silence(client, fake):
    reply = fake.play(Reply.text(["one ", "two"]).hold_after(1))
    async with client.stream(
        Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": [{}]}, SHORT
    ) as events:
        texts = []
        async for event in events:
            if isinstance(event, TextDelta):
                texts.append(event.text)
                if len(texts) == 1:
                    await asyncio.sleep(0.7)  # the reader is busy, for longer than the silence clock
                    reply.release()
    assert "".join(texts) == "one two"


async def test_our_own_cancel_is_not_taken_for_a_timeout(client, fake):
    reply = fake.play(Reply.text("one two").hold_after(1))

    async def read() -> None:
        async with client.stream(
            Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": [{}]}, SHORT
        ) as events:
            async for _event in events:
                pass

    task = asyncio.create_task(read())
    await asyncio.to_thread(reply.wait_held)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(fake.wait_for_disconnects, 1)


async def test_leaving_early_closes_the_connection(client, fake):
    reply = fake.play(Reply.text("one two three").hold_after(2))
    async with client.stream(
        Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": [{}]}, SHORT
    ) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    (left,) = await asyncio.to_thread(fake.wait_for_disconnects, 1)
    assert left is reply.wait_given()
    assert left.pieces_sent == 2


async def test_a_good_answer_leaves_its_connection_to_the_next(ask, fake):
    before = fake.connections
    for _number in range(5):
        assert (await ask(Reply.text("one two three"))).text == "one two three"
    assert fake.connections == before + 1


@pytest.fixture
def rest_after_each(client, fake):
    """Read an answer as the run engine does, with a rest after each read: the error, and the text that came before it."""

    async def read(seconds: float, timeouts: Timeouts, release=lambda: None) -> tuple[UpstreamError, str]:
        text = ""
        try:
            async with client.stream(
                Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": [{}]}, timeouts
            ) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        text += event.text
                        release()
                        await asyncio.sleep(seconds)
        except UpstreamError as error:
            return error, text
        raise AssertionError("the answer came to a good end")

    return read


@pytest.mark.parametrize("end", [End.CUT, End.RESET])
async def test_what_came_before_a_cut_is_read_also_by_a_reader_that_rests(rest_after_each, fake, end):
    """The connection breaks while nobody reads, and the bytes before that are in our memory."""
    reply = fake.play(Reply.cut("one two three four", end=end).hold_after(1))
    error, text = await rest_after_each(0.1, Timeouts(), reply.release)
    assert (type(error), text) == (CutOff, "one two three four")


async def test_an_endless_answer_ends_by_its_total_also_for_a_reader_that_rests(rest_after_each, fake):
    """It finds the next bytes there already, so no timer ever meets it waiting."""
    fake.play(scenario("endless-slow"))
    async with asyncio.timeout(20):
        error, _text = await rest_after_each(0.06, Timeouts(connect_s=2, first_token_s=2, silence_s=2, total_s=0.5))
    assert isinstance(error, TotalTimeout)
