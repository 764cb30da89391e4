"""Flow control: a page that stops reading costs a bounded amount."""

from __future__ import annotations

import asyncio

import pytest

from playground.chat import window as window_module
from playground.chat.window import WINDOW_BYTES, Stalled, Window


def send(window, size):
    window.seq += 1
    window.sent(size)


async def test_there_is_room_until_the_window_is_full_and_again_after_an_ack():
    window = Window()
    send(window, WINDOW_BYTES)
    await asyncio.wait_for(window.room(), 1)
    send(window, 1)
    waiting = asyncio.create_task(window.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    window.acknowledge(1)
    await asyncio.wait_for(waiting, 1)


async def test_acknowledging_what_was_never_sent_frees_no_more_than_was_sent():
    window = Window()
    send(window, 10)
    window.acknowledge(2**52)
    send(window, WINDOW_BYTES)
    await asyncio.wait_for(window.room(), 1)


async def test_a_page_that_never_acknowledges_is_given_up(monkeypatch):
    monkeypatch.setattr(window_module, "PATIENCE_S", 0.01)  # the clock
    window = Window()
    send(window, WINDOW_BYTES + 1)
    with pytest.raises(Stalled):
        await window.room()
