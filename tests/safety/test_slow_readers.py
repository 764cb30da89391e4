"""T22 on the real server: clients that read nothing, or lie about what they read, cost a bounded amount of memory."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator

import pytest
from websockets.sync.client import ClientConnection

from playground.chat.window import WINDOW_BYTES
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import PATIENCE_S, Person, Reader, Rows, asks, follow, memory_mb, text_of, wait_until
from tests.servers import Server

# security.md, T22. What the process takes up while it answers a page beside comes on top, and is not given back at once.
HOARD_MB = 10
TEXT, PING = 1, 9
LONG = "".join(f"{number} {'word ' * 100}\n\n" for number in range(3000))  # 1.5 MB
PIECES = [LONG[at : at + 10_000] for at in range(0, len(LONG), 10_000)]
ASKED = "Long"


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture(scope="module")
def server(model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("slow"), openai_base_url=model_server.base_url) as server:
        yield server


@pytest.fixture
def person(server: Server) -> Iterator[Person]:
    person = Person(server)
    yield person
    person.close()


@pytest.fixture
def held(model_server: FakeOpenAI, server: Server, person: Person) -> Iterator[tuple[str, Reply]]:
    """The run of a long answer, all of it there but its last words; somebody has read it, so the memory is a steady one."""
    model_server.reset()
    reply = model_server.play(Reply.text([*PIECES, "The end."]).hold_after(len(PIECES)), when=asks(ASKED))
    path = person.ask(ASKED)
    run = person.run_of(path)
    wait_until(lambda: LONG in Rows(server).saved(ASKED), "the text to be there")
    with person.socket() as socket_:
        read_all_but_the_end(socket_, run)
    yield run, reply
    reply.release_all()
    wait_until(lambda: person.get(path).text.count("<live-answer") == 0, "the end")
    person.post(f"{path}delete/")


def read_all_but_the_end(socket_: ClientConnection, run: str, after: str = "") -> Reader:
    follow(socket_, run, after)
    reader = Reader(socket_)
    while "2999 word" not in json.dumps(reader.frame()):
        pass
    return reader


class Deaf:
    """A client below the level of any library: it writes frames and never reads what comes."""

    def __init__(self, person: Person) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", person.server.port))
        head = {
            "Host": f"127.0.0.1:{person.server.port}",
            "Origin": person.server.url,
            "Cookie": "; ".join(f"{name}={value}" for name, value in person.http.cookies.items()),
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.socket.sendall(f"GET /ws/ HTTP/1.1\r\n{lines}\r\n".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.socket.recv(1)
        assert b" 101 " in answer

    def is_cut_off(self, data: bytes, *, times: int, every_s: float = 0) -> bool:
        """Write `data` again and again until the server ends it, or it was enough."""
        try:
            for _time in range(times):
                self.socket.sendall(data)
                then = time.monotonic() + every_s
                wait_until(lambda then=then: time.monotonic() >= then, "its turn")
        except ConnectionError:
            return True
        return False


@pytest.fixture
def deaf(person: Person) -> Iterator[Deaf]:
    client = Deaf(person)
    yield client
    client.socket.close()


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    size = len(payload)
    length = (
        bytes([0x80 | size])
        if size < 126
        else struct.pack(">BH", 0xFE, size)
        if size < 2**16
        else struct.pack(">BQ", 0xFF, size)
    )
    return bytes([0x80 | kind]) + length + b"\0\0\0\0" + payload


def command(**fields: object) -> bytes:
    return frame(json.dumps(fields).encode())


def still_small(server: Server, before: float) -> bool:
    return memory_mb(server) <= before + HOARD_MB


def test_a_client_that_acknowledges_nothing_is_held_and_comes_back_to_the_rest(
    server: Server, person: Person, held: tuple[str, Reply]
):
    run, reply = held
    before = memory_mb(server)
    frames = []
    with person.socket() as lazy:
        follow(lazy, run)
        while sum(map(len, frames)) <= WINDOW_BYTES:
            frames.append(str(lazy.recv(PATIENCE_S)))
        assert lazy.ping().wait(PATIENCE_S)  # what was on its way has come by now
        with contextlib.suppress(TimeoutError):
            while True:
                frames.append(str(lazy.recv(0)))
    assert sum(map(len, frames)) < 2 * WINDOW_BYTES < len(LONG)
    assert still_small(server, before)
    begun = [json.loads(one) for one in frames]
    with person.socket() as again:
        reader = read_all_but_the_end(again, run, begun[-1]["after"])
        reply.release()
        rest = reader.to_end()
    assert " ".join(text_of([*begun, *rest]).split()) == " ".join(f"{LONG} The end.".split())


def test_clients_that_read_nothing_cost_their_windows(server: Server, person: Person, held: tuple[str, Reply]):
    run, _reply = held
    before = memory_mb(server)
    clients = [Deaf(person) for _ in range(8)]
    for client in clients:
        for _ in range(20):  # asked for again and again, it is still one window
            client.socket.sendall(command(type="follow", run=run, after=""))
    for client in clients:
        client.socket.recv(1)  # it has begun to come
    with person.socket() as other:  # and others are served
        read_all_but_the_end(other, run)
    assert still_small(server, before)
    for client in clients:
        client.socket.close()


def test_a_client_that_acknowledges_what_it_does_not_read_is_cut_off(
    server: Server, person: Person, deaf: Deaf, held: tuple[str, Reply]
):
    run, _reply = held
    before = memory_mb(server)
    lies = command(type="follow", run=run, after="") + command(type="ack", seq=2**52)
    # Forty frames a second are no flood; each pair asks for a window full.
    assert deaf.is_cut_off(lies, times=200, every_s=0.05)
    assert still_small(server, before)


def test_pings_whose_answers_nobody_reads_are_cut_off(server: Server, person: Person, deaf: Deaf):
    before = memory_mb(server)
    pings = frame(b"x" * 125, PING) * 500
    assert deaf.is_cut_off(pings, times=6_000)
    assert still_small(server, before)


def test_a_flood_of_large_frames_is_cut_off(server: Server, person: Person, deaf: Deaf):
    before = memory_mb(server)
    flood = command(type="ack", seq=1, x="y" * 60_000)
    assert deaf.is_cut_off(flood, times=6_000)
    assert still_small(server, before)
    assert person.get("/health/live").status_code == 200
