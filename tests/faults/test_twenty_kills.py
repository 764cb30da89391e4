"""kill -9 at twenty moments of chance, each while twenty answers stream: nothing lost, nothing twice, nothing unfinished."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Person, Rows, assert_one_entry_a_run, wait_until
from tests.servers import Server

KILLS, STREAMS, PACE = 20, 20, 50
WORDS = [f"word{number} " for number in range(1_000)]
WHOLE = "".join(WORDS)
# A checkpoint each second; the rest is for a machine with other things to do.
BEHIND_S = 1.0 + 1.5
FINAL_WITHIN_S = 30.0  # of the restart


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("kills"), openai_base_url=model_server.base_url) as server:
        yield server


class Watch:
    """How much of each answer the model server had sent, at every moment."""

    def __init__(self, fake: FakeOpenAI) -> None:
        self._fake = fake
        self._samples: list[tuple[float, dict[str, int]]] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._is_over.wait(0.1):
            sent = {str(one.messages[-1]["content"]): one.pieces_sent for one in list(self._fake.completions)}
            self._samples.append((time.monotonic(), sent))

    def sent_by(self, moment: float) -> dict[str, int]:
        """Words of each answer, by what was asked."""
        return next((sent for at, sent in reversed(self._samples) if at <= moment), {})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


def ask_all(person: Person, texts: list[str]) -> dict[str, str | None]:
    """The place of each; None where the server died before it answered."""

    def ask(text: str) -> str | None:
        try:
            return person.ask(text, request_id=text.replace(" ", "-"))
        except httpx.HTTPError:
            return None

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(texts, pool.map(ask, texts), strict=True))


def test_twenty_kills_lose_nothing(server: Server, fake: FakeOpenAI):
    chance, rows, person = random.Random(20), Rows(server), Person(server)
    places: dict[str, str | None] = {}
    least: dict[str, int] = {}
    restarted: dict[str, float] = {}
    with Watch(fake) as watch:
        for kill in range(KILLS):
            fake.play(*(Reply.text(WORDS, tokens_per_second=PACE) for _ in range(STREAMS)))
            texts = [f"kill {kill} answer {number}" for number in range(STREAMS)]
            with ThreadPoolExecutor(1) as pool:
                asking = pool.submit(ask_all, person, texts)
                # From the first message on the wire to well after the last one has begun to be answered.
                die_at = time.monotonic() + chance.uniform(0.3, 4.0)
                wait_until(lambda die_at=die_at: time.monotonic() >= die_at, "the moment of chance")
                server.kill()
                places |= asking.result()
            least |= {text: watch.sent_by(time.monotonic() - BEHIND_S).get(text, 0) for text in texts}
            fake.reset()
            server.start()
            restarted |= dict.fromkeys(texts, time.time())
    if server.database.url:
        # Where there may be others, leases tell who is dead, and whoever looks for them must live for that long.
        restarted = dict.fromkeys(places, time.time())
    wait_until(lambda: all(status in FINAL for status, _text in rows.runs().values()), "every run to end")

    runs = rows.runs()
    assert {text for text, place in places.items() if place} <= set(runs)
    for text, (status, kept) in runs.items():
        assert WHOLE.startswith(kept), text
        assert len(kept.split()) >= least[text], f"{text}: {status}"
    ended = rows.ask(
        "SELECT q.text, r.finished_at FROM runs_run r"
        " JOIN chat_message a ON a.run_id = r.id JOIN chat_message q ON q.id = a.parent_id"
    )
    assert max(seconds(finished_at) - restarted[text] for text, finished_at in ended) <= FINAL_WITHIN_S
    assert rows.count("runs_runpiece") == 0
    assert_one_entry_a_run(rows)
    # The page sends again what it has no answer to: what is there is there once.
    fake.play(*(Reply.text(["short"]) for _ in places))
    again = ask_all(person, list(places))
    assert all(place in {None, again[text]} for text, place in places.items())
    asked = Counter(text for (text,) in rows.ask("SELECT text FROM chat_message WHERE role = 'user'"))
    assert asked == Counter(list(places))
    assert rows.count("runs_run") == len(places)
    person.close()


def seconds(moment: object) -> float:
    """Of a time as the database gives it: text in SQLite, a datetime in PostgreSQL."""
    import datetime

    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC)
    assert isinstance(moment, datetime.datetime)
    return moment.timestamp()
