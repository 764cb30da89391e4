"""Django's SQLite, with one difference: a request that waits for the write lock lets others run meanwhile.

Only a few requests run at the same time (playground.lib.turns). Three that wait for a lock, which another program may hold for
long, would keep everybody from reading, for which SQLite needs no lock.
"""

from __future__ import annotations

import sqlite3

from django.db.backends.sqlite3 import base

from playground.lib.turns import others_may_run

SHORT_MS = 250  # as long as our own writers take at most; while a request waits for them it keeps its turn


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        """BEGIN, which takes the write lock. Raises OperationalError after the `timeout` of the settings."""
        if not self._begin_soon():
            with others_may_run(is_needed_after=True):
                super()._start_transaction_under_autocommit()  # type: ignore[misc]  # Django's stubs lack it

    def _begin_soon(self) -> bool:
        """Whether the transaction has begun within a moment.

        Without Django's cursors: one that failed would be collected later in any thread, the event loop's for one, which had
        to wait with the interpreter's lock in hand for whatever this connection waits for then.
        """
        self._wait_at_most(SHORT_MS)
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            self._wait_at_most(int(self.settings_dict["OPTIONS"]["timeout"] * 1000))
        return True

    def _wait_at_most(self, milliseconds: int) -> None:
        self.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
