"""The database locked by another program for ten seconds: answers go on, sending waits or is refused, nothing is lost or doubled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.faults.locks import locked
from tests.safety.product import FINAL, Person, Reader, Rows, asks, follow, text_of, wait_until
from tests.servers import Server

LOCKED_S = 10.0
POSTS = 5  # more than the server carries out at once
WORDS = [f"word{number} " for number in range(600)]
WHOLE = "".join(WORDS)
# A hold each tenth of the answer, let go while the database is locked, so that each step is seen to come.
STEP = 60


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("locked"), openai_base_url=model_server.base_url) as server:
        yield server


@pytest.fixture
def person(server: Server) -> Iterator[Person]:
    with closing(Person(server)) as person:
        yield person


def read_until(reader: Reader, word: str) -> None:
    while word not in text_of(reader.frames).split():
        reader.frame()


def test_a_locked_database_stops_no_answer_and_loses_and_doubles_nothing(
    server: Server, person: Person, fake: FakeOpenAI
):
    rows = Rows(server)
    reply = fake.play(Reply.text(WORDS), when=asks("running"))
    for step in range(1, 10):
        reply.hold_after(step * STEP)
    run = person.run_of(person.ask("running"))
    texts = [f"meanwhile {number}" for number in range(POSTS)]
    with person.socket() as socket, ThreadPoolExecutor(POSTS) as pool:
        follow(socket, run)
        reader = Reader(socket)
        read_until(reader, WORDS[STEP - 1].strip())
        with locked(server):
            until = time.monotonic() + LOCKED_S
            posting = [
                pool.submit(person.post, "/c/messages/", text=text, request_id=text.replace(" ", "-")) for text in texts
            ]
            for step in range(2, 10):
                reply.release()
                read_until(reader, WORDS[step * STEP - 1].strip())
            # All of this came without the database.
            assert httpx.get(f"{server.url}/health/live", trust_env=False, timeout=60).status_code == 200
            wait_until(lambda: time.monotonic() >= until, "ten seconds")
        answers = dict(zip(texts, [one.result() for one in posting], strict=True))
        reply.release()
        reader.to_end()
    for answer in answers.values():
        assert answer.status_code in {302, 503}
        assert answer.status_code == 302 or int(answer.headers["Retry-After"]) > 0
    # Whoever was refused sends the same again, and so does a page that has not heard.
    places = {text: person.ask(text, request_id=text.replace(" ", "-")) for text in texts}
    for text, answer in answers.items():
        assert answer.status_code == 503 or answer.headers["Location"].partition("#")[0] == places[text]
    wait_until(lambda: all(status in FINAL for status, _text in rows.runs().values()), "every answer")
    assert rows.runs()["running"] == ("completed", WHOLE)
    assert {text: rows.runs()[text][0] for text in texts} == dict.fromkeys(texts, "completed")
    messages = rows.ask("SELECT text FROM chat_message WHERE role = 'user'")
    asked = Counter(text for (text,) in messages if text in {"running", *texts})
    assert asked == Counter(["running", *texts])
    assert Counter(str(request.messages[-1]["content"]) for request in fake.completions) == asked
    assert rows.count("runs_runpiece") == 0


@pytest.mark.sqlite  # on PostgreSQL whole tables are locked here, for reading too
def test_pages_are_read_while_many_wait_for_a_locked_database(server: Server, person: Person):
    with closing(Person(server)) as reader, ThreadPoolExecutor(POSTS) as pool:
        texts = [f"in line {number}" for number in range(POSTS)]
        with locked(server):
            posting = [
                pool.submit(person.post, "/c/messages/", text=text, request_id=text.replace(" ", "-")) for text in texts
            ]
            for _ in range(2 * POSTS):
                assert reader.get("/").status_code == 200
            assert not any(one.done() for one in posting)
        assert [one.result().status_code for one in posting] == [302] * POSTS


def test_an_answer_that_ends_while_the_database_is_locked_is_written_once_afterwards(
    server: Server, person: Person, fake: FakeOpenAI
):
    rows = Rows(server)
    reply = fake.play(Reply.text(WORDS).hold_after(STEP), when=asks("ends meanwhile"))
    run = person.run_of(person.ask("ends meanwhile"))
    with person.socket() as socket:
        follow(socket, run)
        reader = Reader(socket)
        read_until(reader, WORDS[STEP - 1].strip())
        with locked(server):
            reply.release()
            read_until(reader, WORDS[-2].strip())
        assert reader.to_end()[-1]["done"]
    assert rows.runs()["ends meanwhile"] == ("completed", WHOLE)
    assert rows.ask("SELECT text FROM chat_message WHERE text LIKE 'word0 %' ORDER BY id DESC LIMIT 1") == [(WHOLE,)]
