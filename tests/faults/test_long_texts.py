"""A prompt of 4 MB behind a conversation of 2,000 messages: sent whole, stored whole, shown by its beginning."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.browser.pages import long_conversation
from tests.chat.making import make_long_conversation, make_model
from tests.chat.test_opening import MOST_QUERIES
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Person, Rows, wait_until
from tests.servers import Server

MESSAGES = 2_000
PROMPT_BYTES = 4 * 1024 * 1024
MODEL = "openai/gpt-4.1"  # takes 1,047,576 tokens


def long_prompt() -> str:
    """Nearly a million tokens, no line like another."""
    lines = (f"Line {number}: the water rises slowly with the moon, and nobody is there.\n" for number in range(10**6))
    text, size = [], 0
    while size < PROMPT_BYTES:
        text.append(next(lines))
        size += len(text[-1])
    return "".join(text) + "The end."


PROMPT = long_prompt()


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("long"), openai_base_url=model_server.base_url) as server:
        yield server


def imported(person: Person) -> str:
    """The place of a conversation of 2,000 messages."""
    exported = long_conversation(MESSAGES, "A long one")
    for message in exported["messages"]:
        message["created_at"] = "2026-01-01T00:00:00+00:00"
    content = json.dumps(exported).encode()
    answer = person.http.post(
        "/c/import/",
        files={"file": ("conversation.json", content, "application/json")},
        headers={"X-CSRFToken": person.http.cookies["csrftoken"]},
    )
    assert answer.status_code == 302, answer.text[:500]
    return str(answer.headers["Location"])


def test_a_prompt_of_4_mb_behind_2000_messages_is_sent_stored_and_shown(server: Server, fake: FakeOpenAI):
    rows = Rows(server)
    with closing(Person(server)) as person:
        place = imported(person)
        fake.play(Reply.text("I have read it."))
        posted = person.post(f"{place}messages/", text=PROMPT, model=MODEL, request_id="four-megabytes")
        assert posted.status_code == 302, posted.text[:500]
        wait_until(lambda: rows.ask("SELECT status FROM runs_run")[-1][0] in FINAL, "the answer")
        assert rows.ask("SELECT status, text FROM runs_run") == [("completed", "I have read it.")]

        sent = [message["content"] for message in fake.last.messages]
        assert len(sent) == MESSAGES + 1
        assert [text.partition(" begins")[0] for text in sent[:-1]] == [
            f"Message {number}" for number in range(1, MESSAGES + 1)
        ]
        assert digest(sent[-1]) == digest(PROMPT)
        ((uuid, stored),) = rows.ask("SELECT uuid, text FROM chat_message WHERE length(text) > 1000000")
        assert digest(stored) == digest(PROMPT)
        assert digest(person.get(f"/messages/{UUID(uuid)}/text/").text) == digest(PROMPT)

        page = person.get(place).text
        shown = unescape(re.sub(r"<[^>]+>", "", page))
        assert "Line 0: the water rises" in shown
        assert "I have read it." in shown
        assert len(page) < 1_000_000
        # Sent again, it is there once; and the conversation goes on.
        assert (
            person.post(f"{place}messages/", text=PROMPT, model=MODEL, request_id="four-megabytes").status_code == 302
        )
        assert rows.count("chat_message") == MESSAGES + 2
        assert len(fake.completions) == 1


def test_a_prompt_longer_than_the_context_is_refused_with_both_figures(server: Server, fake: FakeOpenAI):
    with closing(Person(server)) as person:
        refused = person.post("/c/messages/", text=PROMPT * 2, model=MODEL, request_id="eight-megabytes")
        assert refused.status_code == 422
        assert "1,047,576" in refused.text
        assert fake.completions == []


def digest(text: str) -> str:
    """Of texts too long to be shown when they differ."""
    return f"{len(text)} characters, {hashlib.sha256(text.encode()).hexdigest()}"


def test_2000_messages_with_one_of_4_mb_open_within_the_same_queries(alice, alice_client):
    model = make_model("long", context_tokens=1_047_576)
    conversation = make_long_conversation(alice, model, MESSAGES)
    conversation.messages.filter(pk=conversation.leaf_id).update(text=PROMPT)
    url = f"/c/{conversation.uuid}/"
    alice_client.get(url)  # renders what was never shown
    with CaptureQueriesContext(connection) as captured:
        assert alice_client.get(url).status_code == 200
    assert len(captured) <= MOST_QUERIES
