"""T22 on the real server: frames that are too large, too many frames, too many sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import PATIENCE_S, Person, Reader, Rows, asks, follow, wait_until
from tests.servers import Server

FRAME_BYTES = 64 * 1024


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(
        tmp_path_factory.mktemp("sockets"), openai_base_url=model_server.base_url, PLAYGROUND_SOCKETS_PER_USER="14"
    ) as server:
        yield server


@pytest.fixture
def person(server: Server) -> Iterator[Person]:
    person = Person(server)
    yield person
    person.close()


def code_of(socket: ClientConnection, frames: list[dict[str, Any]] | None = None) -> int:
    """Read until the server closes; with what code. What it says until then is added to `frames`."""
    try:
        while True:
            text = socket.recv(PATIENCE_S)
            if frames is not None:
                frames.append(json.loads(text))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


ACK = json.dumps({"type": "ack", "seq": 1})


@pytest.mark.parametrize(
    "frame",
    [
        b"x" * (FRAME_BYTES + 1),
        "x" * (FRAME_BYTES + 1),
        ["x" * 1000] * 66,  # fragments, none of them too large
        json.dumps({"type": "ack", "seq": 1, "x": "y" * FRAME_BYTES}),
    ],
    ids=["bytes", "text", "fragments", "command"],
)
def test_a_message_above_64_kib_closes_the_socket(person: Person, frame):
    with person.socket() as socket:
        with suppress(ConnectionClosed):  # it may be refused before the last piece has left
            socket.send(frame)
        assert code_of(socket) == 1009


@pytest.mark.parametrize("frame", ["[" * 60_000, '{"type":"ack","seq":1e400}', b"\x00" * 100, ""], ids=repr)
def test_a_frame_that_is_no_command_closes_the_socket(person: Person, frame):
    with person.socket() as socket:
        socket.send(frame)
        assert code_of(socket) == 4400


def test_a_flood_closes_the_socket_and_no_other(person: Person):
    with person.socket() as quiet, person.socket() as loud:
        with suppress(ConnectionClosed):
            for _ in range(200):
                loud.send(ACK)
        assert code_of(loud) == 4429
        quiet.send(ACK)
        quiet.ping().wait(PATIENCE_S)
        quiet.send("no command")  # the control: it was open until now
        assert code_of(quiet) == 4400


def test_one_socket_too_many_is_closed_and_room_comes_back(person: Person):
    with ExitStack() as stack:
        sockets = [stack.enter_context(person.socket()) for _ in range(14)]
        for socket in sockets:
            assert socket.ping().wait(PATIENCE_S)
        with person.socket() as one_more:
            assert code_of(one_more) == 4429
        sockets[0].close()
    with person.socket() as after:
        after.send("no command")
        assert code_of(after) == 4400


def test_an_answer_longer_than_a_frame_may_be_reaches_a_page_that_comes_late(
    model_server: FakeOpenAI, person: Person, server: Server
):
    """The limit is for what comes in: what goes out in one message may be longer."""
    text = "".join(f"{number} {'word ' * 100}\n\n" for number in range(300))
    reply = model_server.play(Reply.text([text, "The end."]).hold_after(1), when=asks("Long"))
    run = person.run_of(person.ask("Long"))
    wait_until(lambda: Rows(server).saved("Long") == text, "the text to be there")
    with person.socket() as socket:
        follow(socket, run)
        reader = Reader(socket)
        assert len(reader.frame().get("content", "")) > FRAME_BYTES
        reply.release()
        final = reader.to_end()[-1]["content"]
    assert len(final) > FRAME_BYTES
    assert "The end." in final
