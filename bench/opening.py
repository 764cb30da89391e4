"""Opening a long conversation: server time and queries of its page."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

SIZES = (10, 1000)  # messages
REPEATS = 15
ANSWER = "A paragraph with **strong** words and `code`.\n\n- one\n- two\n\n```python\nprint('hello')\n```\n"


@dataclass
class Opening:
    """The page of one conversation: milliseconds of wall time in the server, the first visit and the median of later ones."""

    messages: int
    cold_ms: float
    warm_ms: float
    queries: int

    def __str__(self) -> str:
        return f"{self.messages:5d} messages: {self.warm_ms:.1f} ms (first visit {self.cold_ms:.1f} ms), {self.queries} queries"


def measure() -> Iterator[Opening]:
    """Conversations of growing length. Sets Django up on data of its own, so call it in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as data:
        os.environ |= {
            "PLAYGROUND_DATA_DIR": data,
            "PLAYGROUND_MODE": "local",
            "DJANGO_SETTINGS_MODULE": "playground.settings",
        }
        import django

        django.setup()
        client = _prepare()
        for messages in SIZES:
            yield _measure(client, messages)


def _prepare() -> Client:
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("load_catalog", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="127.0.0.1")
    client.get("/")
    return client


def _measure(client: Client, messages: int) -> Opening:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = f"/c/{_conversation(messages)}/"
    before = time.perf_counter()
    _ok(client.get(url))
    cold = time.perf_counter() - before
    times = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        _ok(client.get(url))
        times.append(time.perf_counter() - before)
    with CaptureQueriesContext(connection) as queries:
        _ok(client.get(url))
    return Opening(messages, cold * 1000, median(times) * 1000, len(queries))


def _ok(response: object) -> None:
    if response.status_code != 200:  # type: ignore[attr-defined]
        raise RuntimeError(f"status {response.status_code}")  # type: ignore[attr-defined]


def _conversation(count: int) -> str:
    from django.utils import timezone

    from playground.accounts.models import User
    from playground.chat.models import Conversation, Message

    conversation = Conversation.objects.create(owner=User.objects.get(), title="Long", updated_at=timezone.now())
    parent = None
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        parent = Message.objects.create(conversation=conversation, parent=parent, role=role, text=f"{number} {ANSWER}")
    conversation.leaf = parent
    conversation.save()
    return str(conversation.uuid)


if __name__ == "__main__":
    for opening in measure():
        print(opening)
