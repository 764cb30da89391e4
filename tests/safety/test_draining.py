"""T31 on the real server: while it goes down it takes nothing new, says so, and lets what is being written end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import PATIENCE_S, Person, Reader, Rows, asks, follow, text_of, wait_until
from tests.servers import Server

RESTART = 1012


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture
def fake(model_server: FakeOpenAI) -> Iterator[FakeOpenAI]:
    model_server.reset()
    yield model_server
    model_server.reset()


def is_ready(server: Server) -> httpx.Response:
    """Over a new connection, as a load balancer asks."""
    return httpx.get(f"{server.url}/health/ready", trust_env=False, timeout=PATIENCE_S)


def close_code(reader: Reader) -> int:
    try:
        while True:
            reader.frame()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def test_a_draining_server_refuses_new_work_and_ends_what_it_began(fake: FakeOpenAI, tmp_path: Path):
    with (
        Server(tmp_path, openai_base_url=fake.base_url, PLAYGROUND_DRAIN_SECONDS="80") as server,
        closing(Person(server)) as person,
    ):
        rows = Rows(server)
        reply = fake.play(Reply.text(["It ", "goes ", "on."]).hold_after(2), when=asks("before"))
        path = person.ask("before")
        run = person.run_of(path)
        reply.wait_held(PATIENCE_S)
        with person.socket() as socket, person.socket() as idle:
            follow(socket, run)
            reader = Reader(socket)
            reader.frame()
            assert is_ready(server).status_code == 200
            os.kill(server.pid, signal.SIGTERM)
            refused = wait_until(lambda: (now := is_ready(server)).status_code == 503 and now, "it to be not ready")
            assert int(refused.headers["Retry-After"]) > 0
            assert httpx.get(f"{server.url}/health/live", trust_env=False).status_code == 200
            counts = [rows.count(table) for table in ("chat_message", "runs_run", "chat_conversation")]
            ((question, answer),) = rows.ask(
                "SELECT q.uuid, a.uuid FROM chat_message a JOIN chat_message q ON q.id = a.parent_id"
            )
            for address in (
                "/c/messages/",
                f"{path}messages/",
                f"/messages/{UUID(answer)}/retry/",
                f"/messages/{UUID(question)}/edit/",
            ):
                busy = person.post(address, text="after", request_id="id-after")
                assert busy.status_code == 503, address
                assert int(busy.headers["Retry-After"]) > 0
            assert [rows.count(table) for table in ("chat_message", "runs_run", "chat_conversation")] == counts
            assert person.get(path).status_code == 200  # reading goes on
            assert person.post("/draft/", text="kept").status_code == 204
            reply.release()
            assert close_code(reader) == RESTART
            assert close_code(Reader(idle)) == RESTART
        # The last words may be cut off with the line: the page comes back to the server that starts next, and has them there.
        assert "It goes on.".startswith(text_of(reader.frames))
        assert server.stop() == 0
        assert rows.runs() == {"before": ("completed", "It goes on.")}
        server.start()
        assert "It goes on." in person.get(path).text
        assert len(fake.completions) == 1


def test_what_does_not_end_in_time_is_interrupted_with_its_text(fake: FakeOpenAI, tmp_path: Path):
    with (
        Server(tmp_path, openai_base_url=fake.base_url, PLAYGROUND_DRAIN_SECONDS="1") as server,
        closing(Person(server)) as person,
    ):
        rows = Rows(server)
        reply = fake.play(Reply.text(["It ", "goes ", "on."]).hold_after(2), when=asks("before"))
        run = person.run_of(person.ask("before"))
        reply.wait_held(PATIENCE_S)
        with person.socket() as socket:
            follow(socket, run)
            reader = Reader(socket)
            while "It goes" not in text_of(reader.frames):
                reader.frame()
            os.kill(server.pid, signal.SIGTERM)
            assert close_code(reader) == RESTART
        assert server.stop() == 0
        assert rows.runs() == {"before": ("interrupted", "It goes ")}
