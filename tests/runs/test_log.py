"""The run log: append-only, read by cursors, nothing lost and nothing twice."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.runs.events import ReasoningDelta, RunFinished, RunStarted, TextDelta
from playground.runs.log import PIECE_CHARS, LogGone, MemoryLog, is_end, weight

deltas = st.one_of(
    st.builds(TextDelta, st.text(min_size=1, max_size=5)),
    st.builds(ReasoningDelta, st.text(min_size=1, max_size=5)),
    st.just(RunStarted()),
)


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@given(st.lists(deltas, max_size=40), st.data())
def test_reading_in_any_steps_gives_every_event_once(events, data):
    log, run, offset, got = MemoryLog(), uuid4(), 0, []
    log.open(run)
    for event in events:
        log.append(run, event)
        if data.draw(st.booleans()):
            batch = log.read(run, offset)
            got, offset = got + batch.events, batch.offset
    got += log.read(run, offset).events
    assert text_of(got) == text_of(events)
    assert sum(map(weight, got)) == sum(map(weight, events))
    assert [type(event) for event in got if weight(event) == 1 and isinstance(event, RunStarted)] == [
        RunStarted for event in events if isinstance(event, RunStarted)
    ]


@given(st.lists(deltas, max_size=30), st.integers(0, 200))
def test_any_offset_is_a_place_to_resume(events, after):
    log, run = MemoryLog(), uuid4()
    log.open(run)
    for event in events:
        log.append(run, event)
    whole = log.read(run, 0)
    after = min(after, whole.offset)
    rest = log.read(run, after)
    assert rest.offset == whole.offset
    assert sum(map(weight, rest.events)) == whole.offset - after


def test_neighbouring_deltas_are_joined():
    log, run = MemoryLog(), uuid4()
    log.open(run)
    for _ in range(10_000):
        log.append(run, TextDelta("abcd"))
    assert len(log.read(run, 0).events) <= 10_000 * 4 / PIECE_CHARS + 1


async def test_a_reader_that_waits_is_woken_by_the_next_event():
    log, run = MemoryLog(), uuid4()
    log.open(run)
    waiting = asyncio.create_task(log.wait(run, 0))
    await asyncio.sleep(0)
    assert not waiting.done()
    log.append(run, TextDelta("a"))
    await asyncio.wait_for(waiting, 1)


async def test_forgetting_tells_the_readers_that_wait():
    log, run = MemoryLog(), uuid4()
    log.open(run)
    waiting = asyncio.create_task(log.wait(run, 0))
    await asyncio.sleep(0)
    log.forget(run)
    with pytest.raises(LogGone):
        await asyncio.wait_for(waiting, 1)


def test_a_run_without_a_log_is_said_to_be_gone():
    log = MemoryLog()
    with pytest.raises(LogGone):
        log.read(uuid4(), 0)
    with pytest.raises(LogGone):
        log.append(uuid4(), RunStarted())


def test_the_finish_is_the_end():
    log, run = MemoryLog(), uuid4()
    log.open(run)
    log.append(run, TextDelta("a"))
    assert not is_end(log.read(run, 0))
    log.append(run, RunFinished("completed"))
    assert is_end(log.read(run, 1))
