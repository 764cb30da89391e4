"""Databases on PostgreSQL and Redis for the tests: each process, and each server that a test starts, has its own.

With DATABASE_URL set the tests run on PostgreSQL, with REDIS_URL as well on Redis; without, on SQLite and in memory.
"""

from __future__ import annotations

import itertools
import os
import re
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "") if URL else ""
PREFIX = "playground_test_"
SERVER_DATABASES = (
    8  # Redis has 16: the lower half for the processes that run tests, the upper for the servers they start
)

_numbers = itertools.count(1)


def worker() -> int:
    """Which of the processes of pytest-xdist this is; 0 without it."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def redis_url(*, is_server: bool = False) -> str:
    """A database of this process's own, or the one of the servers it starts."""
    parts = urlsplit(REDIS_URL)
    number = worker() % SERVER_DATABASES + (SERVER_DATABASES if is_server else 0)
    return urlunsplit(parts._replace(path=f"/{number}")) if REDIS_URL else ""


def name_for_django() -> str:
    """What Django calls the database of this process; two runs of the tests side by side must not meet."""
    return f"{PREFIX}{os.getpid()}"


def drop_abandoned() -> None:
    """Databases of test processes that were killed on this machine."""
    if urlsplit(URL).hostname not in {"127.0.0.1", "localhost", "::1"}:
        return
    for (name,) in run("SELECT datname FROM pg_database WHERE datname LIKE 'playground\\_test\\_%'"):
        found = re.match(rf"{PREFIX}(\d+)", name)
        if found and not os.path.exists(f"/proc/{found[1]}"):  # noqa: PTH110 - a process, not a file
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
