"""T13: an answer may be a Markdown bomb. It ends, it is shown, it stays small, and the others are served meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Self

import httpx
import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.lib.bombs import BOMBS
from tests.safety.product import Person, Reader, Rows, asks, follow, wait_until
from tests.servers import Server

# The slowest and the most swollen shapes that were found, and deep ones.
CHOSEN = [
    *("urls", "image brackets", "reference pairs", "one long target used often", "divs", "wide table"),
    *("deep formula", "minified code", "strong and em"),
]
DEEP = ">" * 20_000 + " a"
PIECE_CHARS = 997  # no power of two: pieces end in the middle of everything
# security.md, T13: twenty times what came in, five megabytes at most.
SWELLING, MOST_BYTES = 20, 5_000_000
FRAME_CHARS = 40_000  # the message around the text, and what little text may always grow to
HELD_UP_S = 8.0  # nobody waits so long for an answer of a server that is not held up, on a slow machine either


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("bombs"), openai_base_url=model_server.base_url) as server:
        yield server


class Bystander:
    """Somebody else, who asks one thing after the other and must get each answer."""

    def __init__(self, server: Server) -> None:
        self.served = 0
        self.failure: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(server.url,))

    def _ask(self, url: str) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=HELD_UP_S) as http:
            while not self._stop.is_set():
                try:
                    for path in ("/health/live", "/sidebar/"):
                        http.get(path).raise_for_status()
                except httpx.HTTPError as error:
                    self.failure = error
                    return
                self.served += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        self._thread.join()


def shown(server: Server, person: Person, reply: Reply, asked: str) -> tuple[int, str]:
    """Look on while the answer is written: how much came before its end, and the whole at its end."""
    path = person.ask(asked)
    run = person.run_of(path)
    with person.socket() as socket:
        follow(socket, run)
        reply.release()
        *live, last = Reader(socket).to_end()
    final: str = last["content"]
    assert person.get(path).status_code == 200
    return sum(len(frame.get("content", "")) for frame in live), final


def test_bombs_end_are_shown_and_hold_nobody_up(server: Server, model_server: FakeOpenAI):
    bombs = {name: BOMBS[name] for name in CHOSEN} | {"deep quotes": DEEP}
    person, rows = Person(server), Rows(server)
    with Bystander(server) as bystander:
        for name, text in bombs.items():
            asked, before = f"bomb {name}", bystander.served
            pieces = [text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS)]
            reply = model_server.play(Reply.text(pieces).hold_after(0), when=asks(asked))
            live, final = shown(server, person, reply, asked)
            assert live <= SWELLING * len(text) + FRAME_CHARS, name
            assert len(final) <= min(MOST_BYTES, SWELLING * len(text)) + FRAME_CHARS, name
            wait_until(lambda before=before: bystander.served > before or bystander.failure, "the bystander")
            assert bystander.failure is None, name
            assert rows.runs()[asked] == ("completed", text), name
    # What is too deep to be formatted is there all the same.
    assert DEEP[-30:].replace(">", "&gt;") in final
    person.close()
