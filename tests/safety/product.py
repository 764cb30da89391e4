"""The real server as a person meets it over HTTP and the socket, and its database read from outside."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from websockets.sync.client import ClientConnection, connect

from tests.fake_openai import Request
from tests.servers import Server

PATIENCE_S = 90.0  # machines that run tests may be slow; nothing waits longer than its condition needs
FINAL = {"completed", "stopped", "failed", "interrupted"}


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_S) -> Any:
    """What `condition` returns once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)  # between two looks at another process
    return found


def asks(text: str) -> Callable[[Request], bool]:
    """For `FakeOpenAI.play(when=…)`: the request whose last message holds `text`."""
    return lambda request: text in str(request.messages[-1:])


class Person:
    """The owner of a server in local mode, with cookies and a token."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE_S)
        self.http.get("/settings/").raise_for_status()

    def close(self) -> None:
        self.http.close()

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, **fields: Any) -> httpx.Response:
        return self.http.post(path, data=fields, headers={"X-CSRFToken": self.http.cookies["csrftoken"]})

    def ask(self, text: str, request_id: str = "") -> str:
        """Begin a conversation; its path."""
        answer = self.post("/c/messages/", text=text, request_id=request_id or uuid4().hex)
        assert answer.status_code == 302, answer.text[:500]
        return answer.headers["Location"].partition("#")[0]

    def socket(self) -> ClientConnection:
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        return connect(
            self.server.url.replace("http://", "ws://") + "/ws/",
            origin=self.server.url,  # type: ignore[arg-type]  # a str is what it wants
            additional_headers={"Cookie": cookies},
            compression=None,
            max_size=None,
            ping_interval=None,
            open_timeout=PATIENCE_S,
        )

    def run_of(self, path: str) -> str:
        """The run that the page at `path` follows."""
        found = re.search(r'<live-answer[^>]* run="([0-9a-f-]{36})"', self.get(path).text)
        assert found, "no answer is being written there"
        return found[1]


def set_up(server: Server, password: str) -> None:
    """Make "admin", with the token that a server in server mode has printed."""
    token = re.search(r"set-up token: (\S+)", server.log)
    assert token, server.log
    with httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        http.get("/setup/").raise_for_status()
        form = {"token": token[1], "username": "admin", "password": password}
        form["csrfmiddlewaretoken"] = http.cookies["csrftoken"]
        assert http.post("/setup/", data=form).status_code == 302


def follow(socket: ClientConnection, run: str, after: str = "") -> None:
    socket.send(json.dumps({"type": "follow", "run": run, "after": after}))


class Reader:
    """A page that reads, and acknowledges as ours does: not each frame, but always before the server would wait."""

    ACK_FRAMES, ACK_CHARS = 8, 64 * 1024

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self._frames = self._chars = 0

    def frame(self) -> dict[str, Any]:
        text = str(self.socket.recv(PATIENCE_S))
        frame: dict[str, Any] = json.loads(text)
        self.frames.append(frame)
        self._frames, self._chars = self._frames + 1, self._chars + len(text)
        if self._frames >= self.ACK_FRAMES or self._chars >= self.ACK_CHARS:
            self.socket.send(json.dumps({"type": "ack", "seq": frame["seq"]}))
            self._frames = self._chars = 0
        return frame

    def to_end(self) -> list[dict[str, Any]]:
        while not self.frame().get("done"):
            pass
        return self.frames


def text_of(frames: list[dict[str, Any]]) -> str:
    """All that finished blocks say, and then what the open block says."""
    blocks, shown = "", ""
    for frame in frames:
        if frame.get("done"):
            break
        content = frame.get("content", "")
        blocks = content if 'hx-swap="innerHTML"' in content else blocks + content
        if block := frame.get("open"):
            shown = block.get("html", shown) + block.get("text", "")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", blocks + shown)).split())


class Rows:
    """What the database of `server` holds, read by another connection."""

    def __init__(self, server: Server) -> None:
        self._url = server.database.url
        self._path: Path = server.data_dir / "playground.sqlite3"

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """`query` with `?` for values. A UUID is its 32 hexadecimal digits."""
        if self._url:
            with psycopg.connect(self._url) as database:
                rows = database.execute(query.replace("%", "%%").replace("?", "%s"), values).fetchall()
            return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in rows]
        with sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=20) as database:
            rows = database.execute(query, values).fetchall()
        database.close()
        return rows

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {table}")[0][0])

    def runs(self) -> dict[str, tuple[str, str]]:
        """Status and text of each run, by what was asked."""
        return {
            asked: (status, text)
            for asked, status, text in self.ask(
                "SELECT question.text, run.status, run.text FROM runs_run run"
                " JOIN chat_message answer ON answer.run_id = run.id JOIN chat_message question"
                " ON question.id = answer.parent_id ORDER BY run.id"
            )
        }

    def saved(self, asked: str) -> str:
        """The text of the answer's checkpoints so far."""
        pieces = self.ask(
            "SELECT piece.text FROM runs_runpiece piece JOIN chat_message answer ON answer.run_id = piece.run_id"
            " JOIN chat_message question ON question.id = answer.parent_id WHERE question.text = ? ORDER BY piece.number",
            asked,
        )
        return "".join(text for (text,) in pieces)


def memory_mb(server: Server) -> float:
    """Resident memory of the server's process."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def assert_one_entry_a_run(rows: Rows) -> None:
    """In the server's own database every run that has ended has exactly one entry in the ledger, and no other has one."""
    odd = rows.ask(
        "SELECT run.uuid, run.status, count(entry.id) FROM runs_run run"
        " LEFT JOIN usage_ledgerentry entry ON entry.run = run.uuid AND entry.kind = 'run'"
        " GROUP BY run.uuid, run.status"
        " HAVING count(entry.id) <> CASE WHEN run.status IN ('queued', 'streaming') THEN 0 ELSE 1 END"
    )
    assert odd == []
    (runs, entries), *_more = rows.ask(
        "SELECT (SELECT sum(runs) FROM usage_dailyusage), (SELECT count(*) FROM usage_ledgerentry WHERE kind = 'run')"
    )
    assert (runs or 0) == entries
