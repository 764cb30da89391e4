"""Flow control: a page that stops reading costs a bounded amount, and is given up in the end."""

from __future__ import annotations

import asyncio

import pytest

from playground.chat.window import PATIENCE_S, WINDOW_BYTES, Stalled, Window


def send(window, size):
    window.seq += 1
    window.sent(size)


async def begun(window):
    """Somebody who waits for room, and has begun to."""
    waiting = asyncio.create_task(window.room())
    await asyncio.sleep(0)
    return waiting


async def test_there_is_room_until_the_window_is_full_and_again_after_an_ack():
    window = Window()
    send(window, WINDOW_BYTES)
    await asyncio.wait_for(window.room(), 1)
    send(window, 1)
    waiting = await begun(window)
    assert not waiting.done()
    window.acknowledge(1)
    await asyncio.wait_for(waiting, 1)


async def test_acknowledging_what_was_never_sent_frees_no_more_than_was_sent():
    window = Window()
    send(window, 10)
    window.acknowledge(2**52)
    send(window, WINDOW_BYTES)
    await asyncio.wait_for(window.room(), 1)


async def test_a_page_that_acknowledges_nothing_is_given_up_in_time_and_not_before(clock):
    window = Window()
    send(window, WINDOW_BYTES + 1)
    waiting = await begun(window)
    await clock.advance(PATIENCE_S - 1)
    assert not waiting.done()
    await clock.advance(1)
    with pytest.raises(Stalled):
        await waiting


async def test_a_page_that_acknowledges_a_little_at_a_time_is_waited_for(clock):
    window = Window()
    for _message in range(10):
        send(window, WINDOW_BYTES)
    waiting = await begun(window)
    for seq in range(1, 9):
        await clock.advance(PATIENCE_S - 1)
        window.acknowledge(seq)
    assert not waiting.done()
    window.acknowledge(9)
    await asyncio.wait_for(waiting, 1)


async def test_acknowledging_the_same_again_is_no_sign_of_life(clock):
    window = Window()
    send(window, 1)
    send(window, WINDOW_BYTES + 1)
    window.acknowledge(1)
    waiting = await begun(window)
    await clock.advance(PATIENCE_S - 1)
    window.acknowledge(1)
    await clock.advance(1)
    with pytest.raises(Stalled):
        await waiting
