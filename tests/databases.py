"""Databases on PostgreSQL and Redis for the tests: each process, and each server that a test starts, has its own.

With DATABASE_URL set the tests run on PostgreSQL, with REDIS_URL as well on Redis; without, on SQLite and in memory.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import os
import re
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "") if URL else ""
PREFIX = "playground_test_"
REDIS_DATABASES = 16
CLAIMS = REDIS_DATABASES - 1  # the one in which processes write down which of the others they use

_numbers = itertools.count(1)


def redis_url(*, is_server: bool = False) -> str:
    """A database of Redis of this process's own, or the one of the servers it starts: some tests empty theirs."""
    return _redis_url(_claim(is_server)) if REDIS_URL else ""


def _redis_url(number: int) -> str:
    return urlunsplit(urlsplit(REDIS_URL)._replace(path=f"/{number}"))


@functools.cache
def _claim(is_server: bool) -> int:
    """The number of a database that no living process of this machine has claimed. Given back when the process ends."""
    import redis

    with redis.Redis.from_url(_redis_url(CLAIMS)) as claims:
        for number in range(CLAIMS):
            key = f"playground-tests:{number}"
            if not claims.set(key, os.getpid(), nx=True):
                holder = int(claims.get(key) or 0)
                if Path(f"/proc/{holder}").exists():
                    continue
                claims.set(key, os.getpid())
            with redis.Redis.from_url(_redis_url(number)) as own:
                own.flushdb()
            atexit.register(_give_back, key)
            return number
    raise RuntimeError(f"all {CLAIMS} databases of Redis are in use by tests")


def _give_back(key: str) -> None:
    import redis

    with contextlib.suppress(redis.RedisError), redis.Redis.from_url(_redis_url(CLAIMS)) as claims:
        claims.delete(key)


def name_for_django() -> str:
    """What Django calls the database of this process; two runs of the tests side by side must not meet."""
    return f"{PREFIX}{os.getpid()}"


def drop_abandoned() -> None:
    """Databases of test processes that were killed on this machine."""
    if urlsplit(URL).hostname not in {"127.0.0.1", "localhost", "::1"}:
        return
    for (name,) in run("SELECT datname FROM pg_database WHERE datname LIKE 'playground\\_test\\_%'"):
        found = re.match(rf"{PREFIX}(\d+)", name)
        if found and not Path(f"/proc/{found[1]}").exists():
            run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run(statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
    """One statement, outside a transaction."""
    import psycopg

    with psycopg.connect(_url_of(database), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _url_of(name: str) -> str:
    return urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))


class Database:
    """A database for one server. On SQLite, where its data folder holds it, nothing at all."""

    def __init__(self) -> None:
        self.name = f"{PREFIX}{os.getpid()}_{next(_numbers)}"
        self.url = _url_of(self.name) if URL else ""

    @property
    def environment(self) -> dict[str, str]:
        """Of a server that shall use it."""
        redis = {"REDIS_URL": redis_url(is_server=True)} if REDIS_URL else {}
        return {"DATABASE_URL": self.url, **redis} if self.url else {}

    def create(self, template: Database | None = None) -> Self:
        """Empty, or a copy of `template`, to which nobody may be connected."""
        if self.url:
            like = template.name if template else "template0"
            run(f'CREATE DATABASE "{self.name}" ENCODING \'UTF8\' TEMPLATE "{like}"')
        return self

    def drop(self) -> None:
        if self.url:
            run(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def __enter__(self) -> Self:
        return self.create()

    def __exit__(self, *_: object) -> None:
        self.drop()
