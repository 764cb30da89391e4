"""Whether what the server stands on answers: asked every few seconds in a thread of its own, so that no probe waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection
from redis import Redis

log = logging.getLogger(__name__)

EVERY_S = 3.0
PATIENCE_S = 2.0  # for an answer; after that it counts as away, although the question may still be waiting


class Watch:
    """Asks `ask` again and again, which raises when the answer is no. Away is also what has not answered for too long."""

    def __init__(
        self,
        name: str,
        ask: Callable[[], None],
        *,
        is_needed: bool,
        every_s: float = EVERY_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.name, self.is_needed = name, is_needed
        self._ask, self._every_s, self._patience_s = ask, every_s, patience_s
        self._refused = False
        self._answered_at = time.monotonic()
        self._stopping = threading.Event()
        # A daemon: a question that waits for ever must not keep the process.
        self._thread = threading.Thread(target=self._loop, name=f"watch-{name}", daemon=True)

    def start(self) -> None:
        self._answered_at = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Ask no more. Does not wait for a question under way."""
        self._stopping.set()

    @property
    def is_up(self) -> bool:
        return not self._refused and time.monotonic() - self._answered_at <= self._every_s + self._patience_s

    def _loop(self) -> None:
        while True:
            try:
                self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, the answer is no
                if not self._refused:
                    log.warning("The %s does not answer: %s", self.name, type(error).__name__)
                self._refused = True
            else:
                if self._refused:
                    log.warning("The %s answers again", self.name)
                self._refused, self._answered_at = False, time.monotonic()
            if self._stopping.wait(self._every_s):
                connection.close()
                return


def ask_database() -> None:
    """One row of a table that every version has: to connect alone would say nothing about the file or the tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            cursor.fetchone()
    except Exception:
        connection.close()  # the next question may need a new one
        raise


def ask_redis(url: str) -> None:
    with Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S) as client:
        client.ping()


def watches() -> list[Watch]:
    """Of what these settings name. Without Redis runs go on and pages read from the database, so it is not needed."""
    found = [Watch("database", ask_database, is_needed=True)]
    if settings.REDIS_URL:
        found.append(Watch("redis", partial(ask_redis, settings.REDIS_URL), is_needed=False))
    return found
