"""The run log of several processes, over a real Redis that may be killed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from playground.runs import announcements
from playground.runs.events import ReasoningDelta, RunFinished, RunStarted, TextDelta
from playground.runs.log import LogGone
from playground.runs.models import Run, RunPiece
from playground.runs.publishing import FOLD_ENTRIES, head_key, stream_key
from playground.runs.shared_log import SharedLog
from tests.redis_server import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def redis_server():
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis(redis_server):
    """The server, running, whatever the test before did to it."""
    yield redis_server
    redis_server.kill()
    redis_server.start()


class Process:
    """One process's share of the log, and the runs it was asked to stop."""

    def __init__(self, url):
        self.name = uuid4().hex
        self.stopped = []
        self.log = SharedLog(url)
        self.log.start(process=self.name, on_stop_requested=self.stopped.append)


@asynccontextmanager
async def processes(url, count=2):
    made = [Process(url) for _ in range(count)]
    try:
        yield made
    finally:
        await asyncio.gather(*(process.log.stop() for process in made))


@pytest.fixture
def run(alice):
    """The row of a run that goes on."""
    return Run.objects.create(owner=alice, request_id=uuid4().hex, source="test", model_name="m", status="streaming")


async def read(process, run, *, until=None):
    """What a follower in `process` reads of `run`, up to its end or until it has that much text."""
    text, thoughts, others, offset = "", "", [], 0
    await process.log.attach(run)
    try:
        while True:
            await process.log.wait(run, offset)
            batch = process.log.read(run, offset)
            offset = batch.offset
            for event in batch.events:
                match event:
                    case TextDelta(piece):
                        text += piece
                    case ReasoningDelta(piece):
                        thoughts += piece
                    case other:
                        others.append(other)
            if (others and isinstance(others[-1], RunFinished)) or (until is not None and len(text) >= until):
                return text, thoughts, others
    finally:
        process.log.detach(run)


def say(process, run, *events):
    for event in events:
        process.log.append(run, event)


async def test_another_process_reads_what_one_writes(redis, run):
    async with asyncio.timeout(20), processes(redis.url) as (owner, other):
        owner.log.open(run.uuid)
        say(owner, run.uuid, RunStarted(), ReasoningDelta("hm"), TextDelta("Hello"))
        reading = asyncio.create_task(read(other, run.uuid))
        assert (await read(other, run.uuid, until=5))[0] == "Hello"
        say(owner, run.uuid, TextDelta(", world"), RunFinished("completed"))
        assert await reading == ("Hello, world", "hm", [RunStarted(), RunFinished("completed")])


async def test_one_who_comes_late_reads_it_from_the_start(redis, run):
    async with asyncio.timeout(20), processes(redis.url, 3) as (owner, other, late):
        owner.log.open(run.uuid)
        for number in range(200):
            say(owner, run.uuid, TextDelta(f"{number} "))
            if number % 50 == 0:
                await read(other, run.uuid, until=1)
        say(owner, run.uuid, RunFinished("completed"))
        whole = "".join(f"{number} " for number in range(200))
        assert (await read(late, run.uuid))[0] == (await read(other, run.uuid))[0] == whole


async def test_the_stream_stays_short_and_expires_and_nothing_is_missing(redis, run, monkeypatch):
    monkeypatch.setattr("playground.runs.publishing.FOLD_ENTRIES", 8)
    monkeypatch.setattr("playground.runs.publishing.GAP_S", 0)
    text = ""
    async with asyncio.timeout(30), processes(redis.url) as (owner, other), Redis.from_url(redis.url) as client:
        owner.log.open(run.uuid)
        reading = asyncio.create_task(read(other, run.uuid))
        for number in range(100):
            text += f"{number} "
            say(owner, run.uuid, TextDelta(f"{number} "))
            await read(other, run.uuid, until=len(text))
            assert await client.xlen(stream_key(run.uuid)) <= 9 < FOLD_ENTRIES
        assert 0 < await client.ttl(stream_key(run.uuid)) <= 600
        assert 0 < await client.ttl(head_key(run.uuid)) <= 600
        say(owner, run.uuid, RunFinished("completed"))
        assert (await reading)[0] == text
        assert 0 < await client.ttl(stream_key(run.uuid)) <= 120


async def test_a_stop_reaches_the_process_that_carries_the_run(redis, run):
    async with asyncio.timeout(20), processes(redis.url) as (owner, other):
        await other.log.send_stop(run.uuid, process=owner.name)
        while not owner.stopped:
            await asyncio.sleep(0)
        assert owner.stopped == [run.uuid]
        assert other.stopped == []


async def test_readers_catch_up_when_redis_comes_back_empty(redis, run):
    async with asyncio.timeout(60), processes(redis.url) as (owner, other):
        owner.log.open(run.uuid)
        say(owner, run.uuid, RunStarted(), TextDelta("one "))
        reading = asyncio.create_task(read(other, run.uuid))
        await read(other, run.uuid, until=4)
        for word in ("two ", "three ", "four "):
            redis.kill()
            say(owner, run.uuid, TextDelta(word))
            await asyncio.to_thread(redis.start)
            say(owner, run.uuid, TextDelta("and "))
        say(owner, run.uuid, RunFinished("completed"))
        text, _thoughts, others = await reading
        assert text == "one two and three and four and "
        assert others == [RunStarted(), RunFinished("completed")]


async def test_while_redis_is_away_the_database_is_read(redis, run):
    async with asyncio.timeout(60), processes(redis.url) as (owner, other):
        owner.log.open(run.uuid)
        say(owner, run.uuid, RunStarted(), TextDelta("one "))
        reading = asyncio.create_task(read(other, run.uuid))
        await read(other, run.uuid, until=4)
        redis.kill()
        say(owner, run.uuid, TextDelta("two "))
        await RunPiece.objects.acreate(run=run, number=0, text="one two ")  # as its process saves it
        assert (await read(other, run.uuid, until=8))[0] == "one two "
        await asyncio.to_thread(redis.start)
        say(owner, run.uuid, TextDelta("three"), RunFinished("completed"))
        assert (await reading)[0] == "one two three"


async def test_a_follower_of_a_process_that_died_is_told_that_only_the_row_is_left(redis, run):
    async with asyncio.timeout(30), processes(redis.url) as (owner, other):
        owner.log.open(run.uuid)
        say(owner, run.uuid, TextDelta("half"))
        reading = asyncio.create_task(read(other, run.uuid))
        await read(other, run.uuid, until=4)
        await owner.log.stop()
        await Run.objects.filter(pk=run.pk).aupdate(status="interrupted")
        with pytest.raises(LogGone):
            await reading


@pytest.mark.parametrize("is_away", [False, True])
async def test_a_run_that_ended_long_ago_is_said_to_be_gone_at_once(redis, run, is_away):
    if is_away:
        redis.kill()
    await Run.objects.filter(pk=run.pk).aupdate(status="completed")
    async with asyncio.timeout(20), processes(redis.url, 1) as (process,):
        with pytest.raises(LogGone):
            await process.log.attach(run.uuid)
        with pytest.raises(LogGone):
            await process.log.attach(uuid4())


async def test_a_process_of_its_own_needs_no_redis(redis, run):
    redis.kill()
    async with asyncio.timeout(20), processes(redis.url, 1) as (process,):
        process.log.open(run.uuid)
        say(process, run.uuid, TextDelta("here"), RunFinished("completed"))
        assert (await read(process, run.uuid))[0] == "here"


@pytest.fixture
def heard(monkeypatch):
    """What is announced in this test, by kind."""
    heard = []

    async def hear(text):
        heard.append(text)

    announcements.register("test", hear)
    announcements.register(announcements.MISSED, hear)
    return heard


async def test_an_announcement_reaches_the_other_processes_once(redis, heard):
    async with asyncio.timeout(20), processes(redis.url, 3) as (one, two, _three):
        await one.log.announce("test", "before they listen, or just after")
        heard.clear()
        while len(heard) < 2:
            await two.log.announce("test", "news")
            await asyncio.sleep(0.1)
        assert set(heard) == {"news"}


async def test_after_redis_was_away_everybody_is_told_to_look_again(redis, heard):
    async with asyncio.timeout(30), processes(redis.url, 1):
        redis.kill()
        while heard:
            await asyncio.sleep(0)
        await asyncio.to_thread(redis.start)
        while heard != [""]:
            await asyncio.sleep(0.01)
