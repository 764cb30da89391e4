"""Under a server that speaks ASGI's lifespan (uvicorn, hypercorn) the engine begins and ends with it."""

from __future__ import annotations

import asyncio

import pytest

from playground.runs import lifecycle
from playground.runs.engine import Engine


@pytest.fixture
def fresh_engine(transactional_db, monkeypatch):
    """One that nobody has started."""
    engine = Engine()
    monkeypatch.setattr(lifecycle, "_engine", engine)
    return engine


@pytest.fixture
def application(fresh_engine):
    from playground.asgi import application

    return application


async def test_the_engine_lives_as_long_as_the_server(fresh_engine, application):
    said: asyncio.Queue[dict] = asyncio.Queue()
    heard: asyncio.Queue[dict] = asyncio.Queue()
    async with asyncio.timeout(30):
        living = asyncio.create_task(application({"type": "lifespan", "asgi": {}}, said.get, heard.put))
        await said.put({"type": "lifespan.startup"})
        assert (await heard.get())["type"] == "lifespan.startup.complete"
        assert fresh_engine.can_accept
        await said.put({"type": "lifespan.shutdown"})
        assert (await heard.get())["type"] == "lifespan.shutdown.complete"
        assert not fresh_engine.is_running
        assert fresh_engine.is_draining
        await living
