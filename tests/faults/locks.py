"""Another program that holds the database, so that nobody else can write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.servers import Server

TABLES = "chat_conversation, chat_message, chat_draft, runs_run, runs_runpiece"


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """The database of `server` is locked within the block: SQLite's one write lock, PostgreSQL's tables, reads included."""
    if server.database.url:
        with psycopg.connect(server.database.url) as holder:
            holder.execute(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE")
            try:
                yield
            finally:
                holder.rollback()
        return
    holder = sqlite3.connect(server.data_dir / "playground.sqlite3", timeout=20, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        if holder.in_transaction:
            holder.execute("ROLLBACK")
        holder.close()
