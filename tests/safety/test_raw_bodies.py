"""T21 on the real server: bodies without a length, with a false one, or without an end. A 4xx, little memory, no dead line."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Self

import pytest

from tests.safety.product import PATIENCE_S, Person, memory_mb
from tests.servers import Server

MEGABYTE = 1024 * 1024
GROWTH_MB = 64  # security.md, T21
PIECE = b"x" * 65_536


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("bodies")) as server:
        yield server


@pytest.fixture(scope="module")
def person(server: Server) -> Iterator[Person]:
    person = Person(server)
    yield person
    person.close()


class Line:
    """A connection on which anything may be written."""

    def __init__(self, server: Server) -> None:
        self.port = server.port
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.socket.close()

    def head(self, path: str, *lines: str, method: str = "POST", person: Person | None = None) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items()) if person else ""
        token = person.http.cookies["csrftoken"] if person else ""
        given = (f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookies}", f"X-CSRFToken: {token}", *lines)
        self.send(
            f"{method} {path} HTTP/1.1\r\n".encode() + "".join(f"{line}\r\n" for line in given).encode() + b"\r\n"
        )

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def chunks(self, pieces: Iterable[bytes], *, is_ended: bool = True) -> None:
        for piece in pieces:
            self.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        if is_ended:
            self.send(b"0\r\n\r\n")

    def answer(self) -> int:
        """The status of the next answer, which is read whole; 0 when the server hung up instead."""
        data = self._rest
        with contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in data:
                if not (more := self.socket.recv(65_536)):
                    return 0
                data += more
            head, _blank, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            while length and len(body) < int(length[1]):
                body += self.socket.recv(65_536)
            self._rest = body[int(length[1]) :] if length else b""
            return int(head.split(b" ", 2)[1])
        return 0

    def is_alive(self) -> bool:
        """Whether the next request on this line is answered."""
        self.head("/health/live", method="GET")
        return self.answer() == 200


CHUNKED = "Transfer-Encoding: chunked"
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "is_signed_in", "megabytes"),
    [
        ("/nowhere/", False, 120),
        ("/draft/", False, 40),
        ("/settings/", True, 3),
        ("/draft/", True, 40),
        ("/images/", True, 60),
    ],
)
@pytest.mark.parametrize("has_length", [True, False], ids=["length", "chunked"])
def test_a_body_over_the_limit_is_413_and_costs_little(
    server: Server, person: Person, *, path: str, is_signed_in: bool, megabytes: int, has_length: bool
):
    before, pieces = memory_mb(server), [PIECE] * (megabytes * 16)
    with Line(server) as line:
        line.head(
            path,
            FORM,
            f"Content-Length: {megabytes * MEGABYTE}" if has_length else CHUNKED,
            person=person if is_signed_in else None,
        )
        if has_length:
            for piece in pieces:
                line.send(piece)
        else:
            line.chunks(pieces)
        assert line.answer() == 413
        assert memory_mb(server) <= before + GROWTH_MB
        assert line.is_alive()


@pytest.mark.parametrize("has_length", [True, False], ids=["length", "chunked"])
def test_a_body_within_the_limit_arrives_whole(server: Server, person: Person, has_length: bool):
    """The control: as large as a prompt may be, and nothing of it is lost on the way."""
    end = "the very end" if has_length else "the end of the chunks"
    # 26 of the 32 megabytes that may come, ten of them the text.
    text = b"pad=" + b"x" * (16 * MEGABYTE) + b"&text=" + b"y" * (10 * MEGABYTE) + end.encode()
    with Line(server) as line:
        line.head("/draft/", FORM, f"Content-Length: {len(text)}" if has_length else CHUNKED, person=person)
        if has_length:
            line.send(text)
        else:
            line.chunks(text[at : at + 65_536] for at in range(0, len(text), 65_536))
        assert line.answer() == 204
        assert line.is_alive()
    assert end in person.get("/").text
    assert person.post("/draft/", text="").status_code == 204


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "gzip, gzip", "x-nonsense"])
def test_a_packed_body_is_415(server: Server, person: Person, coding: str):
    with Line(server) as line:
        line.head("/draft/", FORM, f"Content-Encoding: {coding}", "Content-Length: 2", person=person)
        line.send(b"\x1f\x8b")
        assert line.answer() == 415
        assert line.is_alive()


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: -5",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5 5",),
        ("Content-Length: five",),
        ("Content-Length: \N{ARABIC-INDIC DIGIT FIVE}",),
        ("Content-Length: 5", CHUNKED),
        (CHUNKED, "Content-Length: 5"),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding: chunked, gzip",),
        ("Transfer-Encoding: gzip, chunked",),
        (CHUNKED, CHUNKED),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: 99999999999999999999999999",),
    ],
    ids=repr,
)
def test_a_false_length_is_refused_and_what_follows_is_no_request(
    server: Server, person: Person, lines: tuple[str, ...]
):
    """Else a proxy in front and this server could see two different requests."""
    with Line(server) as line:
        line.head("/draft/", FORM, *lines, person=person)
        with contextlib.suppress(ConnectionError):
            line.send(b"text=GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        status = line.answer()
        assert status in {0, 400, 413, 501}, status
        assert line.answer() == 0
    assert person.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nx\r\n0\r\n\r\n",
        b"-1\r\nx\r\n",
        b"ffffffffffffffffff\r\nx",
        b"5\r\nabcdeXX0\r\n\r\n",
        b"1" * 20_000,
        b"5;" + b"e" * 70_000,
    ],
    ids=["no number", "negative", "endless", "no line end", "long size", "long extension"],
)
def test_broken_chunks_end_the_line(server: Server, body: bytes):
    with Line(server) as line:
        line.head("/draft/", FORM, CHUNKED)
        with contextlib.suppress(OSError):  # the server may have hung up by then
            line.send(body)
            line.socket.shutdown(socket.SHUT_WR)
        assert line.answer() in {0, 400, 413}
        assert line.answer() == 0


def test_a_length_far_beyond_every_limit_is_not_waited_for(server: Server, person: Person):
    with Line(server) as line:
        line.head("/images/", FORM, f"Content-Length: {10**12}", person=person)
        with contextlib.suppress(ConnectionError):
            line.send(PIECE)
        assert line.answer() in {0, 413}
        assert line.answer() == 0


def test_a_body_without_an_end_is_cut_off(server: Server):
    before = memory_mb(server)
    with Line(server) as line:
        line.head("/nowhere/", FORM, CHUNKED)
        with contextlib.suppress(ConnectionError):
            line.chunks((PIECE for _ in range(400 * 16)), is_ended=False)
        assert line.answer() in {0, 413}
        assert memory_mb(server) <= before + GROWTH_MB
    assert memory_mb(server) <= before + GROWTH_MB
