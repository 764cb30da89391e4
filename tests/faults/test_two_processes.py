"""Two server processes, one conversation: any of them shows, stops and goes on with what the other one began."""

from __future__ import annotations

import json
import time

import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.faults.conftest import Pair
from tests.safety.product import Person, Reader, Rows, asks, assert_one_entry_a_run, follow, text_of, wait_until

pytestmark = pytest.mark.postgres

WORDS = [f"word{number} " for number in range(400)]
WHOLE = "".join(WORDS).strip()
HALF = 200
STOP_S = 10.0
INTERRUPTED_S = 30.0  # what is promised


@pytest.fixture
def people(pair: Pair):
    """The same person at both."""
    people = [Person(server) for server in pair.both]
    yield people
    for person in people:
        person.close()


def read_until(reader: Reader, word: str) -> None:
    while word not in text_of(reader.frames):
        reader.frame()


def test_an_answer_is_followed_from_both_and_gone_on_with_elsewhere(pair: Pair, people: list[Person], fake: FakeOpenAI):
    one, two = people
    reply = fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("long"))
    path = one.ask("long")
    run = one.run_of(path)
    with one.socket() as here, two.socket() as there:
        readers = [Reader(here), Reader(there)]
        for reader in readers:
            follow(reader.socket, run)
            read_until(reader, WORDS[HALF - 1].strip())
        cursor = readers[0].frames[-1]["after"]
        # The page of the first process loses its line and comes back to the other one with what it has.
        here.close()
        with two.socket() as moved:
            reader = Reader(moved)
            follow(moved, run, after=cursor)
            reader.frame()
            reply.release()
            for one_of_them in (reader, readers[1]):
                assert one_of_them.to_end()[-1]["done"]
            assert text_of(readers[1].frames) == WHOLE
    assert Rows(pair.one).runs()["long"] == ("completed", "".join(WORDS))


def test_a_stop_from_the_other_process_ends_the_upstream(pair: Pair, people: list[Person], fake: FakeOpenAI):
    one, two = people
    fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("stop me"))
    path = one.ask("stop me")
    run = one.run_of(path)
    with two.socket() as socket:
        reader = Reader(socket)
        follow(socket, run)
        read_until(reader, WORDS[HALF - 1].strip())
        began = time.monotonic()
        answer = two.post(f"/runs/{run}/stop/")
        assert answer.status_code in {200, 204, 302}, answer.text[:300]
        fake.wait_for_disconnects(timeout=STOP_S)
        took_s = time.monotonic() - began
        assert reader.to_end()[-1]["done"]
    assert took_s < STOP_S
    assert Rows(pair.one).runs()["stop me"] == ("stopped", "".join(WORDS[:HALF]))


def test_a_page_of_the_other_process_hears_of_news(pair: Pair, people: list[Person], fake: FakeOpenAI):
    one, two = people
    path = one.ask("first")
    conversation = path.strip("/").rpartition("/")[2]
    wait_until(lambda: Rows(pair.one).runs()["first"][0] == "completed", "the first answer")
    with two.socket() as socket:
        socket.send(json.dumps({"type": "watch", "conversation": conversation}))
        # Sent behind it on the same socket, so the watch has begun when this is answered.
        follow(socket, run_that_answers(pair, "first"))
        assert json.loads(socket.recv(60))["run"]
        leaf = Rows(pair.one).ask("SELECT uuid FROM chat_message ORDER BY id DESC LIMIT 1")[0][0]
        one.post(f"{path}messages/", text="second", parent=leaf, request_id="second")
        while not json.loads(socket.recv(60)).get("changed"):
            pass


def run_that_answers(pair: Pair, text: str) -> str:
    query = (
        "SELECT r.uuid FROM runs_run r JOIN chat_message a ON a.run_id = r.id JOIN chat_message q ON q.id = a.parent_id"
    )
    return str(Rows(pair.one).ask(f"{query} WHERE q.text = ?", text)[0][0])


def test_one_of_two_is_killed(pair: Pair, people: list[Person], fake: FakeOpenAI):
    """The other one's answers are untouched; whoever reads the dead one's sees them interrupted within 30 s."""
    one, two = people
    fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("dies"))
    lives = fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("lives"))
    dying, living = one.run_of(one.ask("dies")), two.run_of(two.ask("lives"))
    rows = Rows(pair.two)
    with two.socket() as at_dying, two.socket() as at_living:
        readers = {dying: Reader(at_dying), living: Reader(at_living)}
        for run, reader in readers.items():
            follow(reader.socket, run)
            read_until(reader, WORDS[HALF - 1].strip())
        wait_until(lambda: rows.saved("dies") == "".join(WORDS[:HALF]), "the checkpoint")
        pair.one.kill()
        killed_at = time.monotonic()
        final = readers[dying].to_end()[-1]
        assert time.monotonic() - killed_at < INTERRUPTED_S
        assert WORDS[HALF - 1].strip() in final["content"]
        lives.release()
        readers[living].to_end()
    runs = rows.runs()
    assert runs["dies"] == ("interrupted", "".join(WORDS[:HALF]))
    assert runs["lives"] == ("completed", "".join(WORDS))
    assert_one_entry_a_run(rows)
    # It comes back, and nothing is begun again.
    asked = len(fake.completions)
    pair.one.start()
    assert rows.runs() == runs
    assert len(fake.completions) == asked


def test_redis_dies_three_times_in_the_middle_of_an_answer(pair: Pair, people: list[Person], fake: FakeOpenAI):
    one, two = people
    fake.play(Reply.text(WORDS, tokens_per_second=40), when=asks("through it all"))
    path = one.ask("through it all")
    run = one.run_of(path)
    with one.socket() as here, two.socket() as there:
        readers = [Reader(here), Reader(there)]
        for reader in readers:
            follow(reader.socket, run)
        for word in (40, 120, 200):
            read_until(readers[0], f"word{word}")
            pair.redis.kill()
            # Meanwhile a page can be opened and its answer followed at either.
            with two.socket() as late:
                follow(late, run)
                assert json.loads(late.recv(60))["run"] == run
            read_until(readers[0], f"word{word + 40}")
            pair.redis.start()
        for reader in readers:
            reader.to_end()
            assert text_of(reader.frames) == WHOLE
    assert Rows(pair.one).runs()["through it all"] == ("completed", "".join(WORDS))


def test_the_database_goes_away_in_the_middle_of_an_answer(pair: Pair, people: list[Person], fake: FakeOpenAI):
    """What is being written goes on and is saved when it returns; what is new is refused in words, and works again then."""
    one, two = people
    held = fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("goes on"))
    fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("goes on too"))
    path = one.ask("goes on")
    two.ask("goes on too")
    run = one.run_of(path)
    rows = Rows(pair.one)
    with one.socket() as socket:
        reader = Reader(socket)
        follow(socket, run)
        read_until(reader, WORDS[HALF - 1].strip())
        pair.database_wire.cut()
        for person in people:
            refused = person.post("/c/messages/", text="now?", request_id="refused")
            assert refused.status_code == 503
            assert refused.headers["Retry-After"]
            assert "Traceback" not in refused.text
        held.release()
        read_until(reader, WORDS[-1].strip())
        # Longer than a lease: nobody may take the runs for abandoned when it comes back.
        away_until = time.monotonic() + 17
        wait_until(lambda: time.monotonic() > away_until, "a lease to run out")
        pair.database_wire.mend()
        assert reader.to_end()[-1]["done"]
    assert rows.runs()["goes on"] == ("completed", "".join(WORDS))
    fake.reset()
    wait_until(lambda: rows.runs()["goes on too"][0] != "streaming", "the other one's answer")
    assert rows.runs()["goes on too"][1] in {"".join(WORDS), "".join(WORDS[:HALF])}
    assert rows.runs()["goes on too"][0] in {"completed", "failed"}  # as the model server ended it, not a reaper
    assert "now?" not in rows.runs()
    assert two.ask("now again", request_id="refused").startswith("/c/")
    # What is left behind from now on is found as ever, once leases can be believed again.
    fake.play(Reply.text(WORDS).hold_after(HALF), when=asks("left behind"))
    one.ask("left behind")
    wait_until(lambda: rows.saved("left behind"), "its checkpoint")
    pair.one.kill()
    wait_until(lambda: rows.runs()["left behind"][0] == "interrupted", "the other one to find it")
    assert_one_entry_a_run(rows)
