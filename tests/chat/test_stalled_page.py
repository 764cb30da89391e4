"""A page that stops acknowledging: held at a window full, closed with 1013, and given the rest when it comes back."""

from __future__ import annotations

import re

import pytest

from playground.chat.window import PATIENCE_S, WINDOW_BYTES
from playground.runs.models import Run
from tests.chat.sockets import closed
from tests.fake_openai import Reply

TRY_LATER = 1013
LONG = "".join(f"{number} {'word ' * 100}\n\n" for number in range(1500))  # 0.75 MB
PIECES = [LONG[at : at + 10_000] for at in range(0, len(LONG), 10_000)]


@pytest.fixture
def reply(fake):
    return fake.play(Reply.text([*PIECES, "The end."]).hold_after(len(PIECES)))


async def fill(page):
    """Take what comes until the server waits."""
    page.size = 0
    while page.size <= WINDOW_BYTES:
        await page.frame()


async def test_a_page_that_acknowledges_nothing_for_30_seconds_is_closed_with_1013(
    ask, connect, alice_client, reply, clock
):
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    await fill(page)
    await clock.advance(PATIENCE_S - 1)
    assert page.communicator.output_queue.empty()  # neither more of the answer nor a close
    await clock.advance(1)
    assert await closed(page) == TRY_LATER
    assert page.size < 2 * WINDOW_BYTES < len(LONG)
    reply.release()


async def test_a_page_that_comes_back_after_1013_gets_the_rest_and_nothing_twice(
    ask, connect, alice_client, reply, clock
):
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    await fill(page)
    await clock.advance(PATIENCE_S)
    assert await closed(page) == TRY_LATER
    again = await connect(alice_client)
    again.blocks, again.acknowledges = page.blocks, True
    await again.send(type="follow", run=str(answer.run.uuid), after=page.after)
    while "<p>1498 word" not in again.blocks:  # the last paragraph stays open until a line follows
        await again.frame()
    reply.release()
    await again.read_to_end()
    assert re.findall(r"<p>(\d+) word", again.blocks)[:1499] == [str(number) for number in range(1499)]
    assert (await Run.objects.aget(message=answer)).text == f"{LONG}The end."


async def test_an_acknowledgement_in_time_keeps_the_socket_open(ask, connect, alice_client, reply, clock):
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    await fill(page)
    await clock.advance(PATIENCE_S * 2 / 3)
    await page.send(type="ack", seq=page.seqs[-1])
    await fill(page)
    await clock.advance(PATIENCE_S * 2 / 3)
    assert page.communicator.output_queue.empty()
    reply.release()
