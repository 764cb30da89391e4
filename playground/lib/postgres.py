"""Locks that reach over processes, and statements that may take their time, on PostgreSQL.

On SQLite none of it does anything: there is one server process, and a transaction there holds the whole database. The locks
are PostgreSQL's advisory ones, numbered here: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import enum
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

SPACE = 0x506C6179  # "Play", so that other programs on the same database do not meet us
_NAMED = SPACE + 1


class Lock(enum.IntEnum):
    SERVE = 1  # one server, or several that share a run log
    PREPARE = 2  # migrations and the catalogue
    UPKEEP = 3


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def own_connection() -> BaseDatabaseWrapper:
    """A connection beside those of the threads, for whoever holds a lock across transactions. Close it in the end."""
    own = connection.copy()
    own.inc_thread_sharing()
    own.settings_dict = {**own.settings_dict, "CONN_MAX_AGE": None}
    return own


@contextmanager
def alone(lock: Lock, *, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold `lock`; when another process has it, call `on_wait` and wait for as long as it takes."""
    if not is_postgres():
        yield
        return
    own = own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET lock_timeout = 0")
            if not _try(cursor, lock):
                on_wait()
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [SPACE, lock])
        yield
    finally:
        own.close()  # the lock goes with its connection


@contextmanager
def alone_or_not_at_all(lock: Lock) -> Iterator[bool]:
    """Whether nobody else holds `lock`; held meanwhile, by the connection of this thread."""
    if not is_postgres():
        yield True
        return
    with connection.cursor() as cursor:
        is_held = _try(cursor, lock)
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, lock])


def hold(name: str) -> None:
    """Wait for whoever holds `name`, and hold it until this transaction ends. One query on PostgreSQL."""
    _hold("pg_advisory_xact_lock", name)


def hold_shared(name: str) -> None:
    """Wait for whoever holds `name` alone, and share it until this transaction ends. One query on PostgreSQL."""
    _hold("pg_advisory_xact_lock_shared", name)


def _hold(function: str, name: str) -> None:
    if is_postgres():
        number = zlib.crc32(name.encode()) - 2**31  # PostgreSQL's integers have a sign
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [_NAMED, number])


@contextmanager
def no_hurry() -> Iterator[None]:
    """Statements of this thread may take as long as they need: for what nobody waits for."""
    lift_limits()
    try:
        yield
    finally:
        restore_limits()


def lift_limits(**kwargs: object) -> None:
    """Of this thread's connection; also a receiver of `pre_migrate`."""
    _set_limits("SET {} = 0")


def restore_limits(**kwargs: object) -> None:
    """What `lift_limits` lifted; also a receiver of `post_migrate`."""
    _set_limits("RESET {}")


def _set_limits(statement: str) -> None:
    if is_postgres():
        with connection.cursor() as cursor:
            for name in ("statement_timeout", "lock_timeout"):
                cursor.execute(statement.format(name))


def _try(cursor: CursorWrapper, lock: Lock) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, lock])
    return bool(cursor.fetchone()[0])
