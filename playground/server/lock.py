"""One server process for a data directory and for a database: without Redis its run log lives in memory.

With SQLite the data directory is all there is. With PostgreSQL a second machine could serve the same database, so that is held
too: by one server alone, or by any number that share a run log.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.db import Error as DatabaseError

from playground.lib.postgres import SPACE, Lock, own_connection

LOCK_NAME = "server.lock"
LOOK_EVERY_S = 5.0
MAX_NAME = 63  # bytes of an application name in PostgreSQL
# Of the server's side of the connection: a machine that is gone keeps its lock for a minute at most.
KEEPALIVES = ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3")

log = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another process serves this data directory or database. `holder` is what it says about itself, may be empty."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def server_lock(data_dir: Path, *, address: str) -> Iterator[None]:
    """Hold the data directory. The kernel lets go of it when the process ends, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK_NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(file.read().strip()) from None
        file.truncate(0)
        file.write(f"{address} (process {os.getpid()})\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


class DatabaseLock:
    """Holds the database (PostgreSQL) as a context manager, with a connection of its own that a thread looks after.

    When the database was away, the lock is taken anew as soon as it is back; if another server was quicker, `on_lost` is
    called, in that thread. Entering raises AlreadyRunning.
    """

    def __init__(self, *, address: str, is_shared: bool, on_lost: Callable[[], None]) -> None:
        self._name = f"playground {address}"[:MAX_NAME]
        self._function = "pg_try_advisory_lock_shared" if is_shared else "pg_try_advisory_lock"
        self._on_lost = on_lost
        self._ended = threading.Event()
        self._connection = own_connection()
        self._thread = threading.Thread(target=self._look_after, name="database-lock", daemon=True)

    def __enter__(self) -> Self:
        if not self._take():
            holder = self._holder()
            self._connection.close()
            raise AlreadyRunning(holder)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def _take(self) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", [self._name])
            for setting in KEEPALIVES:
                cursor.execute(f"SET {setting}")
            cursor.execute(f"SELECT {self._function}(%s, %s)", [SPACE, Lock.SERVE])
            return bool(cursor.fetchone()[0])

    def _holder(self) -> str:
        """One of those that hold it: its address, and the machine it runs on."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT application_name, host(client_addr) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s AND objsubid = 2"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1",
                [SPACE, Lock.SERVE],
            )
            name, machine = cursor.fetchone() or ("", "")
        address = (name or "").removeprefix("playground ")
        return f"{address} (on {machine})" if address and machine else address

    def _look_after(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
            except DatabaseError:
                if not self._take_again():
                    self._on_lost()
                    return

    def _take_again(self) -> bool:
        """False when another server has it now; True too while the database is away."""
        try:
            self._connection.close()
            return self._take()
        except DatabaseError as error:
            log.warning("The database is away: %s", str(error).partition("\n")[0])
            return True


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Wait for whoever fills `folder`, and hold it: a lock beside it, for two servers of one machine that start at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
