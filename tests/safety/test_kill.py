"""T30: kill -9 at every moment of an answer. Nothing that was accepted is lost, doubled, or left unfinished."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Person, Rows, asks, wait_until
from tests.servers import Server

WORDS = [f"word{number} " for number in range(2_000)]
HELD = 100
PACE = 100  # words a second
# A checkpoint each second, and the time that a busy machine takes to write it.
CHECKPOINT_S = 2.5
SAVED_RUNS = "SELECT count(*) FROM runs_run WHERE status IN ('queued', 'streaming')"


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def fake(model_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    model_server.reset()
    yield model_server
    model_server.reset()


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("kill"), openai_base_url=model_server.base_url) as server:
        yield server


@pytest.fixture
def person(server: Server) -> Iterator[Person]:
    person = Person(server)
    yield person
    person.close()


def restarted(server: Server) -> None:
    """Killed and started again; returns when no run is left unfinished."""
    server.kill()
    server.start()
    wait_until(lambda: Rows(server).ask(SAVED_RUNS) == [(0,)], "every run to have ended")


def held_back(fake: FakeOpenAI) -> dict[str, Reply]:
    """An answer that waits at each moment, by the question that it answers."""
    moments = {"silent": -1, "accepted": 0, "middle": HELD, "all said": 300}
    return {
        asked: fake.play(Reply.text(WORDS[:300]).hold_after(after), when=asks(asked))
        for asked, after in moments.items()
    }


def test_kill_at_every_moment(server: Server, fake: FakeOpenAI, person: Person):
    rows = Rows(server)
    replies = held_back(fake)
    fake.play(Reply.text(["It ", "ended."]), when=asks("ended"))
    fake.play(Reply.text(WORDS, tokens_per_second=PACE), when=asks("flowing"))
    paths = {asked: person.ask(asked, request_id=f"id-{asked.replace(' ', '-')}") for asked in (*replies, "ended")}
    for reply in replies.values():
        reply.wait_held(60)
    wait_until(lambda: rows.runs()["ended"][0] == "completed", "the answer that ends")
    texts = {"silent": "", "accepted": "", "middle": "".join(WORDS[:HELD]), "all said": "".join(WORDS[:300])}
    for asked, text in texts.items():
        wait_until(lambda asked=asked, text=text: rows.saved(asked) == text, f"the checkpoint of {asked}")
    # Typed while an answer is being written: it waits, and must wait on.
    leaf = rows.ask(
        "SELECT a.uuid FROM chat_message a JOIN chat_message q ON q.id = a.parent_id WHERE q.text = 'middle'"
    )
    queued = person.post(f"{paths['middle']}messages/", text="queued behind", parent=leaf[0][0], request_id="id-queued")
    assert queued.status_code == 302
    paths["flowing"] = person.ask("flowing", request_id="id-flowing")
    flowing = wait_until(lambda: next(filter(asks("flowing"), fake.completions), None), "the flowing answer")
    wait_until(lambda: flowing.pieces_sent > PACE, "its first words")
    sent_by_then, then = flowing.pieces_sent, time.monotonic()
    wait_until(lambda: time.monotonic() > then + CHECKPOINT_S, "the time of a checkpoint")
    # The very last is committed and its request perhaps not even sent.
    paths["at once"] = person.ask("at once", request_id="id-at-once")
    counts = {table: rows.count(table) for table in ("chat_conversation", "chat_message", "runs_run")}
    server.kill()
    asked_before = len(fake.completions)

    server.start()
    wait_until(lambda: rows.ask(SAVED_RUNS) == [(0,)], "every run to have ended")
    runs = rows.runs()
    assert {table: rows.count(table) for table in counts} == counts
    assert set(paths) <= set(runs)  # the product may carry the runs of another test, too
    assert runs["ended"] == ("completed", "It ended.")
    assert {asked: runs[asked] for asked in texts} == {asked: ("interrupted", text) for asked, text in texts.items()}
    status, kept = runs["flowing"]
    assert status == "interrupted"
    assert len(kept.split()) >= sent_by_then
    assert "".join(WORDS).startswith(kept)
    assert runs["at once"][0] in FINAL
    assert rows.count("runs_runpiece") == 0
    # The message holds what the run holds, and the one that waited still waits.
    assert rows.ask(
        "SELECT count(*) FROM chat_message m JOIN runs_run r ON r.id = m.run_id WHERE m.text != r.text"
    ) == [(0,)]
    assert rows.ask("SELECT count(*) FROM chat_message WHERE text = 'queued behind' AND queued IS NOT NULL") == [(1,)]
    # Nothing was begun again by itself: that would be billed twice.
    assert len(fake.completions) == asked_before
    for asked, path in paths.items():
        page = person.get(path)
        assert page.status_code == 200
        assert asked in page.text
        assert (
            person.ask(asked, request_id=f"id-{asked.replace(' ', '-')}") == path
        )  # the page sends again what it sent
    assert {table: rows.count(table) for table in counts} == counts


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_at_a_moment_of_chance(server: Server, fake: FakeOpenAI, person: Person, seed: int):
    """Posts under way when the process dies: what was answered is there, what is sent again is there once."""
    rows, chance = Rows(server), random.Random(seed)
    before = rows.count("runs_run")
    texts = [f"chance {seed} {number}" for number in range(24)]
    fake.tokens_per_second = 300
    die_after = chance.randrange(4, 20)

    def post(text: str) -> str | None:
        try:
            return person.ask(text, request_id=text.replace(" ", "-"))
        except httpx.HTTPError:
            return None

    with ThreadPoolExecutor(4) as pool:
        posting = [pool.submit(post, text) for text in texts]
        wait_until(lambda: rows.count("runs_run") >= before + die_after, "some runs")
        restarted(server)
        places = [future.result() for future in posting]
    runs = rows.runs()
    assert {text for text, place in zip(texts, places, strict=True) if place} <= set(runs)
    again = [person.ask(text, request_id=text.replace(" ", "-")) for text in texts]
    assert all(place in {None, once_more} for place, once_more in zip(places, again, strict=True))
    assert len(set(again)) == len(texts)
    wait_until(lambda: all(status in FINAL for status, _text in rows.runs().values()), "every run to end")
    asked = Counter(text for (text,) in rows.ask("SELECT text FROM chat_message WHERE role = 'user'") if text in texts)
    assert asked == Counter(texts)
    assert rows.count("runs_run") == before + len(texts)
    # No text was asked for twice: a run that was cut stays cut until a person says otherwise.
    sent = Counter(request.messages[-1]["content"] for request in fake.completions)
    assert max(sent.values()) == 1
