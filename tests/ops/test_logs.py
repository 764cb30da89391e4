"""The log of a real server: one object a line, whatever comes in, and nothing that people wrote."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import Person, wait_until
from tests.servers import Server

CANARY = "canary-of-the-prompt"
KEY = "sk-test-0123456789"  # the one that Server gives its provider


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


@pytest.fixture(scope="module")
def server(fake: FakeOpenAI, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logs")
    with Server(folder, openai_base_url=fake.base_url, PLAYGROUND_LOG_FORMAT="json") as one:
        yield one


def entries(server: Server) -> list[dict[str, Any]]:
    """Every event so far. What the command says to people, and only that, is no JSON: it goes to standard output."""
    lines = [line for line in server.log.split("\n") if line and not line.startswith("playground: ")]
    return [json.loads(line) for line in lines]


def accesses(server: Server, method: str) -> list[dict[str, Any]]:
    return [entry for entry in entries(server) if entry["logger"] == "playground.access" and entry["method"] == method]


def send_raw(server: Server, head: bytes) -> bytes:
    """Bytes as no client library would send them; the answer's first line."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(head)
        return line.recv(4096).split(b"\r\n")[0]


FORGED = b'%0d%0a{"time":"2020-01-01T00:00:00Z","level":"info","logger":"playground.access","message":"forged"}'
TARGETS = [
    b"/%0d%0aforged",
    b"/%0aforged",
    b"/" + FORGED.replace(b" ", b"%20"),
    b'/"},{"message":"forged"}',
    b"/%1b%5b31mred",
    b"/%e2%80%a8forged",
    b"/%ff%fe",
    b"/%00nul",
    b"/x?query=hunter2",
    b"/x?" + b"hunter2=1&" * 800,
    b"/" + b"x" * 12_000,
    b"/\\n\\u2028",
    b"/${jndi:ldap://localhost/x}",
    b"/%25s%25d%25(name)s",
    b"/{0}{name!r}{",
    b"//forged.example/x",
    b"/%c2%85forged",
    b"/%f0%9f%98%80",
    b"/%e2%80%aeforged",
    b"/./../../etc/passwd",
    b"/<script>alert(1)</script>",
    b"/'; DROP TABLE runs_run; --".replace(b" ", b"%20"),
]
# No request at all, says the parser: an answer, and no event.
UNPARSED = [b"/\x1b[31mred", b"/\x7f\x08\x07", b"/\xe2\x80\xa8forged", b"/\xc2\x85forged", b"/\xff\xfe", b"/\x0bforged"]
HEADERS = [
    b"User-Agent: \x1b[2Jforged",
    b"User-Agent: " + b"x" * 12_000,
    b'X-Request-ID: {"message":"forged"}',
    b"X-Request-ID: \xe2\x80\xa8forged",
    b"X-Request-ID: " + b"x" * 5000,
    b"Cookie: sessionid=hunter2\x0bforged",
    b"Authorization: Bearer hunter2hunter2",
    b"Referer: http://127.0.0.1/?hunter2",
]


def test_thirty_hostile_requests_are_thirty_objects(server: Server):
    requests = [(target, b"X-Nothing: x") for target in TARGETS] + [(b"/x", header) for header in HEADERS]
    assert len(requests) == 30
    for target, header in [(target, b"X-Nothing: x") for target in UNPARSED] + requests:
        answer = send_raw(
            server,
            b"DELETE " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + header + b"\r\n\r\n",
        )
        assert answer.startswith(b"HTTP/1.1 4"), (target, header, answer)
    found = wait_until(lambda: len(now := accesses(server, "DELETE")) >= 30 and now, "thirty lines")
    assert len(found) == 30
    for entry in found:
        assert set(entry) <= {
            "time", "level", "logger", "message", "request_id", "method", "path", "status", "duration_ms",
        }  # fmt: skip
        assert isinstance(entry["status"], int)
        assert isinstance(entry["duration_ms"], int)
        assert entry["message"].isascii()
        assert entry["message"].isprintable()
        assert len(json.dumps(entry)) < 2048
    assert not [entry for entry in entries(server) if entry["message"] == "forged"]
    assert "hunter2" not in server.log
    assert "\x1b" not in server.log


def test_the_access_log_bears_the_id_that_the_answer_gave(server: Server):
    with closing(Person(server)) as person:
        answer = person.http.get("/search/?q=x", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    (entry,) = [entry for entry in accesses(server, "GET") if entry.get("request_id") == "from-the-proxy-1"]
    assert (entry["path"], entry["status"]) == ("/search/", 200)
    assert entry["message"] == f"GET /search/ 200 {entry['duration_ms']} ms"


def test_a_run_can_be_told_from_request_to_end_without_what_was_said(server: Server, fake: FakeOpenAI):
    fake.reset()
    fake.play(Reply.text(f"{CANARY} comes back."))
    with closing(Person(server)) as person:
        answer = person.http.post(
            "/c/messages/",
            data={"text": CANARY, "request_id": "page-0001"},
            headers={"X-CSRFToken": person.http.cookies["csrftoken"]},
        )
        assert answer.status_code == 302
        asked = answer.headers["X-Request-ID"]
        begun = wait_until(lambda: [e for e in entries(server) if e["message"].endswith(" begins")], "the run to begin")
        ended = wait_until(lambda: [e for e in entries(server) if " ended: " in e["message"]], "the run to end")
    assert begun[-1]["request_id"] == asked
    assert begun[-1]["run_id"] == ended[-1]["run_id"]
    assert re.fullmatch(r"[0-9a-f-]{36}", ended[-1]["run_id"])
    assert ended[-1]["status"] == "completed"
    assert CANARY not in server.log
    assert KEY not in server.log


def test_what_python_prints_by_itself_is_an_event_too():
    """An exception that nobody caught would be many lines."""
    program = (
        "import logging.config, sys, threading, warnings\n"
        "from playground.lib import logs\n"
        "handler = logging.StreamHandler(sys.stderr)\n"
        "handler.setFormatter(logs.JsonFormatter())\n"
        "logging.getLogger().addHandler(handler)\n"
        "logs.take_over()\n"
        "warnings.warn('old\\nway')\n"
        "thread = threading.Thread(target=lambda: 1 / 0)\n"
        "thread.start(); thread.join()\n"
        "raise RuntimeError('line\\nfeed')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert [entry["logger"] for entry in found] == ["py.warnings", "python", "python"]
    assert "ZeroDivisionError" in found[1]["exception"]
    assert found[2]["exception"].endswith("RuntimeError: line")
    assert done.returncode == 1
