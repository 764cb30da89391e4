"""A model server that plays what it is told, and two server processes over one database and one Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet

from tests.databases import Database
from tests.fake_openai import FakeOpenAI
from tests.faults.cutting import Wire
from tests.redis_server import RedisServer
from tests.servers import Server


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def fake(model_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    model_server.reset()
    yield model_server
    model_server.reset()


@dataclass
class Pair:
    """Two processes that share nothing but a database and a Redis, each reached over a network that can be cut."""

    one: Server
    two: Server
    redis: RedisServer
    database_wire: Wire

    @property
    def both(self) -> tuple[Server, Server]:
        return self.one, self.two


def over(url: str, wire: Wire) -> str:
    """`url`, led through `wire`."""
    parts = urlsplit(url)
    name, _at, _host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{name}{_at}127.0.0.1:{wire.port}"))


@contextmanager
def two_servers(folder: Path, model_server: FakeOpenAI, **more: str) -> Iterator[Pair]:
    """Started, with the environment `more`; they end with the `with` statement."""
    with Database() as database, RedisServer() as redis:
        parts = urlsplit(database.url)
        with Wire((parts.hostname or "127.0.0.1", parts.port or 5432)) as wire:
            environment = {
                "DATABASE_URL": over(database.url, wire),
                "REDIS_URL": redis.url,
                "PLAYGROUND_STATIC_DIR": str(folder / "static"),
                "SECRET_KEY": "the same for both, as they serve the same sessions" * 2,
                "PLAYGROUND_ENCRYPTION_KEY": Fernet.generate_key().decode(),
                **more,
            }
            servers = [
                Server(folder / name, openai_base_url=model_server.base_url, **environment) for name in ("one", "two")
            ]
            for server in servers:
                server.database = database
            try:
                for server in servers:
                    server.start()
                yield Pair(*servers, redis, wire)
            finally:
                wire.mend()
                for server in servers:
                    server.kill()


@pytest.fixture(scope="module")
def lasting_pair(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with two_servers(tmp_path_factory.mktemp("pair"), model_server) as pair:
        yield pair


@pytest.fixture
def pair(lasting_pair: Pair) -> Iterator[Pair]:
    """Both running, whatever the test before did to them."""
    yield lasting_pair
    lasting_pair.database_wire.mend()
    if not lasting_pair.redis.is_running:
        lasting_pair.redis.start()
    for server in lasting_pair.both:
        if not server.is_running:
            server.start()
