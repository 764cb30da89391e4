"""Everything a model server can do wrong, all at once, through the whole product, with good answers going on beside it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from typing import Self

import pytest

from tests.fake_openai import End, FakeOpenAI, Head, Piece, Reply, Request, scenario
from tests.fake_openai.frames import Chunks
from tests.fake_openai.reply import STREAM_HEADERS
from tests.fake_openai.scenarios_streams import TEXT
from tests.fake_openai.script import Step
from tests.safety.product import FINAL, Person, Reader, Rows, asks, follow, memory_mb, text_of, wait_until
from tests.servers import Server

GOOD = 10
GOOD_WORDS = [f"good{number} " for number in range(400)]
GOOD_TEXT = "".join(GOOD_WORDS)
GOOD_PACE, GOOD_HELD = 20, 380  # pieces a second, and how many are out at most before all bad ones are asked for
GROWTH_MB = 100
SAID = "It was going so well until"
PART = "Part of it came"
MEGABYTE_LINE = "one long line " * 71_000  # of a little less than 1 MB
FIRST_TOKEN_S, SILENCE_S, RUN_S = 4, 5, 36


def _megabyte_lines(request: Request) -> Iterable[Step]:
    line = Chunks(request.model).text(MEGABYTE_LINE)
    return [Head(200, STREAM_HEADERS), Piece(line), Piece(line), End.CUT]


def _line_too_long(request: Request) -> Iterable[Step]:
    chunks = Chunks(request.model)
    return [Head(200, STREAM_HEADERS), Piece(chunks.text(PART)), chunks.text("x" * 1_100_000), chunks.finish()]


def _image(request: Request) -> Iterable[Step]:
    return [Head(200, {"Content-Type": "image/png"}), b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4096]


@dataclass(frozen=True)
class Bad:
    make: Callable[[], Reply]
    error: str  # what the page's message says, as a pattern
    kept: str = ""  # how the text begins that it keeps; empty: there is none
    is_much: bool = False  # the text is cut where it was too much


LONG = "longer than|more than"
CUT = "was cut off"
BAD = {
    "stalls before a status line": Bad(lambda: scenario("stall-headers"), str(FIRST_TOKEN_S)),
    "stalls before a word": Bad(lambda: scenario("stall-role"), str(FIRST_TOKEN_S)),
    "stalls in the middle": Bad(lambda: scenario("stall"), str(SILENCE_S), SAID),
    "never ends, slowly": Bad(lambda: scenario("endless-slow"), str(RUN_S), "word1 word2 ", is_much=True),
    "never ends, fast": Bad(lambda: scenario("endless"), LONG, "word1 word2 ", is_much=True),
    "comments without end": Bad(lambda: scenario("comments-flood"), f"{FIRST_TOKEN_S}|{LONG}"),
    "lines of 1 MB": Bad(lambda: Reply(_megabyte_lines), CUT, MEGABYTE_LINE * 2),
    "a line of more than 1 MB": Bad(lambda: Reply(_line_too_long), LONG, PART),
    "a line of 300 MB": Bad(lambda: scenario("giant-line"), LONG),
    "a gzip bomb": Bad(lambda: scenario("gzip-bomb"), "compressed"),
    "a gzip bomb as an error": Bad(lambda: scenario("gzip-error"), "500"),
    "an image": Bad(lambda: Reply(_image), "not an answer"),
    "JSON of 300 MB": Bad(lambda: scenario("giant-json"), LONG),
    "an error of 300 MB": Bad(lambda: scenario("giant-error"), "^x{100,300}…?$"),
    "garbage": Bad(lambda: scenario("garbage"), "not an answer"),
    "garbage in the middle": Bad(lambda: scenario("bad-json"), "cannot be read", TEXT),
    "an error inside a 200 stream": Bad(lambda: scenario("error-mid"), "The server had an error", TEXT),
    "HTML": Bad(lambda: scenario("200-html"), "a web page instead of an answer"),
    "nothing": Bad(lambda: Reply.raw(b"", headers=STREAM_HEADERS), CUT),
    "nothing, and hangs up": Bad(lambda: Reply.steps(End.CUT), "No connection"),
    "hangs up in the middle": Bad(lambda: scenario("cut"), CUT, SAID),
}


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    clocks = {
        "PLAYGROUND_FIRST_TOKEN_SECONDS": str(FIRST_TOKEN_S),
        "PLAYGROUND_SILENCE_SECONDS": str(SILENCE_S),
        "PLAYGROUND_RUN_SECONDS": str(RUN_S),
    }
    with Server(tmp_path_factory.mktemp("bad"), openai_base_url=model_server.base_url, **clocks) as server:
        yield server


class Memory:
    """The most that the server's process held."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.before = self.most = memory_mb(server)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._is_over.wait(0.05):
            self.most = max(self.most, memory_mb(self._server))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


def shown_in(article: str) -> str:
    """The text of a message's blocks."""
    (blocks,) = re.findall(r'<div class="message__blocks prose"[^>]*>(.*?)\n  </div>', article, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", blocks)).split())


def message_of(person: Person, path: str) -> tuple[str, str]:
    """What the answer's error says in the page, and what stands there of its text."""
    article = person.get(path).text.rpartition("<article")[2]
    error, advice = re.findall(r'<p class="callout__title">(.*?)</p>\s*<p>(.*?)</p>', article, re.DOTALL)[0]
    assert advice.strip()
    return unescape(error), shown_in(article)


def read_to_end(person: Person, run: str) -> tuple[str, str]:
    """What a page that follows the run has before its end, and what it shows in the end."""
    with person.socket() as socket:
        follow(socket, run)
        frames = Reader(socket).to_end()
    return text_of(frames), shown_in(frames[-1]["content"])


def test_every_bad_upstream_at_once_fails_clearly_and_leaves_the_good_runs_alone(server: Server, fake: FakeOpenAI):
    rows = Rows(server)
    with closing(Person(server)) as person, ThreadPoolExecutor(GOOD) as pool:
        # Tables that the first count reads are no growth.
        fake.play(Reply.text("Warm.", usage=None))
        person.ask("warm up")
        wait_until(lambda: rows.runs()["warm up"][0] in FINAL, "the first answer")
        good = [f"good answer number {number}." for number in range(GOOD)]
        words = [Reply.text(GOOD_WORDS, tokens_per_second=GOOD_PACE).hold_after(GOOD_HELD) for _text in good]
        replies = [fake.play(reply, when=asks(text)) for text, reply in zip(good, words, strict=True)]
        reading = [pool.submit(read_to_end, person, person.run_of(person.ask(text))) for text in good]
        for reply in replies:
            reply.wait_given(60)
        with Memory(server) as memory:
            for name, bad in BAD.items():
                fake.play(*(bad.make() for _ in range(5)), when=asks(f"bad: {name}."))  # a further try meets the same
            paths = {name: person.ask(f"bad: {name}.") for name in BAD}
            for reply in replies:
                reply.release()
            read = [one.result() for one in reading]
            wait_until(lambda: all(status in FINAL for status, _text in rows.runs().values()), "every run to end")
        runs = rows.runs()

        assert all(GOOD_TEXT.startswith(live) for live, _whole in read)
        assert [whole for _live, whole in read] == [GOOD_TEXT.strip()] * GOOD
        assert {text: runs[text] for text in good} == dict.fromkeys(good, ("completed", GOOD_TEXT))
        for name, bad in BAD.items():
            status, kept = runs[f"bad: {name}."]
            error, shown = message_of(person, paths[name])
            assert status == "failed", name
            assert re.search(bad.error, error), f"{name}: {error}"
            assert kept.startswith(bad.kept) if bad.is_much else kept.strip() == bad.kept.strip(), name
            assert bad.kept[:100].strip() in shown, name
        assert memory.most - memory.before < GROWTH_MB
        # Nothing of it lasts: the next one is answered as if nothing had been.
        fake.play(Reply.text("Fine."), when=asks("afterwards"))
        person.ask("afterwards")
        assert wait_until(
            lambda: rows.runs()["afterwards"][0] in FINAL and rows.runs()["afterwards"], "the last answer"
        ) == (
            "completed",
            "Fine.",
        )
