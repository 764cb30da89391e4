"""Sessions whose rows another writer holds: every write meets the lock."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError


class SessionStore(DatabaseStore):
    def save(self, must_create: bool = False) -> None:
        raise OperationalError("database is locked")
