"""A process carries a bounded number of runs; the others wait in order."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from playground.runs.admission import Admission, Full


async def entered(admission, run, places):
    task = asyncio.create_task(admission.enter(run, places.append))
    await asyncio.sleep(0)
    return task


async def test_the_line_moves_in_order_and_everyone_knows_their_place():
    admission = Admission(places=1, waiting=3)
    first, second, third = uuid4(), uuid4(), uuid4()
    assert (await entered(admission, first, [])).done()
    seconds, thirds = [], []
    two = await entered(admission, second, seconds)
    three = await entered(admission, third, thirds)
    assert (seconds, thirds) == ([1], [2])
    admission.leave(first)
    await two
    assert thirds == [2, 1]
    assert not three.done()
    admission.leave(second)
    await three


async def test_a_full_line_refuses():
    admission = Admission(places=1, waiting=0)
    await admission.enter(uuid4(), lambda _place: None)
    assert admission.is_full
    with pytest.raises(Full):
        await admission.enter(uuid4(), lambda _place: None)


async def test_who_gives_up_waiting_makes_room():
    admission = Admission(places=1, waiting=2)
    running = uuid4()
    await admission.enter(running, lambda _place: None)
    one, places = await entered(admission, uuid4(), []), []
    two = await entered(admission, uuid4(), places)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    admission.leave(running)
    await asyncio.wait_for(two, 1)
    assert (admission.running, admission.waiting) == (1, 0)


async def test_stopping_the_one_whose_turn_has_just_come_frees_the_place():
    admission = Admission(places=1, waiting=2)
    running, next_one = uuid4(), uuid4()
    await admission.enter(running, lambda _place: None)
    task = await entered(admission, next_one, [])
    admission.leave(running)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert admission.running == 0
