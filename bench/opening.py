"""Opening a long conversation: server time and queries of its page."""

from __future__ import annotations

import os
import tempfile
import time
from statistics import median

REPEATS = 15
ANSWER = "A paragraph with **strong** words and `code`.\n\n- one\n- two\n\n```python\nprint('hello')\n```\n"


def measure(messages: int = 1000) -> dict[str, float]:
    """Milliseconds (median of several, after the first) and queries to open a conversation of `messages` messages."""
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as data:
        os.environ |= {
            "PLAYGROUND_DATA_DIR": data,
            "PLAYGROUND_MODE": "local",
            "DJANGO_SETTINGS_MODULE": "playground.settings",
        }
        import django

        django.setup()
        return _measure(messages)


def _measure(messages: int) -> dict[str, float]:
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    call_command("migrate", verbosity=0)
    call_command("load_catalog", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="127.0.0.1")
    client.get("/")
    url = f"/c/{_conversation(messages)}/"
    before = time.perf_counter()
    _ok(client.get(url))
    cold = time.perf_counter() - before
    times = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        _ok(client.get(url))
        times.append(time.perf_counter() - before)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        _ok(client.get(url))
    return {"messages": messages, "cold_ms": cold * 1000, "warm_ms": median(times) * 1000, "queries": len(queries)}


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
    print(measure())
