"""An engine on the test's own event loop, a fake model server and a source that asks one question."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from playground.runs import services, sources
from playground.runs.models import Run
from tests.usage.books import assert_every_ended_run_has_one_entry, assert_pots_are_exact


class OneQuestion:
    """A face with nothing but a question; remembers the runs it was told have finished."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []
        self.refuses = False
        self.refusals = 0  # that many times `messages` finds no database

    def messages(self, run):
        if self.refusals:
            self.refusals -= 1
            raise OperationalError("database is locked")
        return [{"role": "user", "content": "Why?"}]

    def prompt_tokens(self, run):
        return len(self.messages(run))

    def prefix(self, run):
        return ""

    def digest(self, run, text):
        return len(text)

    def finished(self, run, digest):
        if self.refuses:  # as a database does that is locked or full
            raise OperationalError("database is locked")
        self.ended.append((run.status, run.text))

    def proceed(self, run):
        pass


@pytest.fixture
def source():
    source = OneQuestion()
    sources.register("test", source)
    return source


@pytest.fixture
def model(transactional_db, fake):
    from playground.catalog.models import Model, Provider

    provider = Provider.objects.create(slug="fake", name="Fake", base_url=fake.base_url, requires_key=False)
    return Model.objects.create(provider=provider, name="fake-chat", title="Fake")


@pytest.fixture
def books(transactional_db):
    """Whatever happened in the test: when the engine has stopped, each run that ended has been entered once, and budgets agree."""
    yield
    assert_every_ended_run_has_one_entry()
    assert_pots_are_exact()


@pytest.fixture
def engine(books, source, engine):
    """The engine, with the source that asks its question."""
    return engine


@pytest.fixture
def ask(engine, alice, model):
    """Start a run and return its row."""

    async def start(**request) -> Run:
        run = await sync_to_async(services.create_run)(
            owner=alice,
            source="test",
            model=model,
            request_id=uuid4().hex,
            request={"model": model.name, "stream": True, **request},
            receipt={},
        )
        services.start_run(run)
        await asyncio.sleep(0)  # the engine begins on the loop's next turn
        return run

    return start


@pytest.fixture
def ended(engine):
    """Follow a run to its end: (events, row)."""

    async def wait(run: Run):
        events = []
        async with asyncio.timeout(20):
            async for batch in services.follow(run.uuid):
                events += batch.events
        return events, await Run.objects.aget(pk=run.pk)

    return wait
