"""T34 on the real server: double posts, and a stop that meets the end. One run, one bill, one final state."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Person, Rows, asks, wait_until
from tests.servers import Server

DOUBLES = 100
RACES = 20


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("races"), openai_base_url=model_server.base_url) as server:
        yield server


def at_once(*acts) -> list:
    barrier = threading.Barrier(len(acts), timeout=60)

    def start(act):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))


def all_ended(rows: Rows) -> bool:
    return all(status in FINAL for status, _text in rows.runs().values())


def test_a_hundred_double_posts_are_a_hundred_runs_and_a_hundred_bills(server: Server, model_server: FakeOpenAI):
    rows, tabs = Rows(server), [Person(server), Person(server)]
    before = rows.count("runs_run")
    model_server.reset()
    model_server.tokens_per_second = 0
    for number in range(DOUBLES):
        first, second = at_once(
            *(lambda tab=tab, number=number: tab.ask(f"/echo {number}", f"double-{number}") for tab in tabs)
        )
        assert first == second
    wait_until(lambda: all_ended(rows), "every answer")
    assert rows.count("runs_run") == before + DOUBLES
    asked = Counter(request.messages[-1]["content"] for request in model_server.completions)
    assert asked == Counter(f"/echo {number}" for number in range(DOUBLES))
    for tab in tabs:
        tab.close()


def test_stop_wins_or_the_end_wins_never_both(server: Server, model_server: FakeOpenAI):
    """The last words and the stop arrive together. Whoever wins, text and state agree, in the run and in its message."""
    rows, tabs = Rows(server), [Person(server), Person(server)]
    whole = "One two three four."
    states = Counter()
    for number in range(RACES):
        asked = f"race {number}"
        reply = model_server.play(Reply.text(["One ", "two ", "three ", "four."]).hold_after(2), when=asks(asked))
        path = tabs[0].ask(asked)
        run = tabs[0].run_of(path)
        reply.wait_held(60)
        answers = at_once(reply.release, *(lambda tab=tab, run=run: tab.post(f"/runs/{run}/stop/") for tab in tabs))
        assert [answer.status_code for answer in answers[1:]] == [302, 302]
        status, text = wait_until(
            lambda asked=asked: rows.runs()[asked] if rows.runs()[asked][0] in FINAL else None, "the end"
        )
        states[status] += 1
        assert status in {"completed", "stopped"}
        assert text == whole if status == "completed" else whole.startswith(text)
        # What ended does not end again.
        tabs[1].post(f"/runs/{run}/stop/")
        assert rows.runs()[asked] == (status, text)
        finish, said = rows.ask(
            "SELECT run.finish_reason, message.text FROM runs_run run JOIN chat_message message"
            " ON message.run_id = run.id WHERE run.uuid = ?",
            run.replace("-", ""),
        )[0]
        assert said == text
        assert bool(finish) == (status == "completed")
    assert states.total() == RACES
    for tab in tabs:
        tab.close()


def test_two_tabs_that_edit_one_message_make_two_alternatives(server: Server, model_server: FakeOpenAI):
    """An edit never writes over anything: both texts stand, and so does the one that was there before."""
    rows, tabs = Rows(server), [Person(server), Person(server)]
    path = tabs[0].ask("/echo as it was")
    wait_until(lambda: all_ended(rows), "the answer")
    ((stored,),) = rows.ask("SELECT uuid FROM chat_message WHERE text = '/echo as it was'")
    question = str(UUID(stored))
    answers = at_once(
        *(
            lambda tab=tab, number=number: tab.post(
                f"/messages/{question}/edit/", text=f"/echo tab {number}", request_id=f"edit-{number}"
            )
            for number, tab in enumerate(tabs)
        )
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    wait_until(lambda: all_ended(rows), "both answers")
    texts = rows.ask(
        "SELECT text FROM chat_message WHERE role = 'user' AND conversation_id ="
        " (SELECT conversation_id FROM chat_message WHERE uuid = ?) ORDER BY text",
        stored,
    )
    assert [text for (text,) in texts] == ["/echo as it was", "/echo tab 0", "/echo tab 1"]
    assert tabs[0].get(path).status_code == 200
    for tab in tabs:
        tab.close()
