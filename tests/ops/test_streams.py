"""An answer that is streamed waits for its reader, and is held for nobody."""

import asyncio

import pytest

from playground.server.streams import MOST_UNWRITTEN_BYTES, wait_for_room


class Line:
    """A transport of Twisted, as far as it is looked at."""

    def __init__(self, held: int) -> None:
        self.dataBuffer, self.offset, self._tempDataLen = b"", 0, held
        self.is_cut = False

    def take(self, count: int) -> None:
        self._tempDataLen -= count

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.is_cut = True


async def test_there_is_room_at_once_on_a_quick_line():
    await wait_for_room(Line(MOST_UNWRITTEN_BYTES), lambda: True)


async def test_it_waits_until_the_line_has_taken_enough():
    line = Line(2 * MOST_UNWRITTEN_BYTES)
    waiting = asyncio.create_task(wait_for_room(line, lambda: True))
    await asyncio.sleep(0)
    line.take(1000)
    assert not waiting.done()
    line.take(MOST_UNWRITTEN_BYTES)
    await asyncio.wait_for(waiting, 30)
    assert not line.is_cut


@pytest.mark.parametrize("is_open", [True, False])
async def test_who_reads_nothing_or_is_gone_is_not_waited_for(is_open):
    line = Line(2 * MOST_UNWRITTEN_BYTES)
    await asyncio.wait_for(wait_for_room(line, lambda: is_open, stalled_s=0), 30)
    assert line.is_cut is is_open
