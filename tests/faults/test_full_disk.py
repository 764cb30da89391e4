"""The disk is full, while images come in and while answers are saved: a clear error, nothing half-written, and no restart."""

from __future__ import annotations

import io
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.fake_openai import FakeOpenAI, Reply
from tests.faults.disks import Disk, LimitedProcess, small_disk
from tests.safety.product import PATIENCE_S, Person, Reader, Rows, asks, follow, text_of, wait_until
from tests.servers import Server

MEGABYTES = 32
WORDS = [f"word{number} " for number in range(4_000)]
WHOLE = "".join(WORDS)
HALF = 2_000
NO_ROOM = "no room " * 5_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Disk]]:
    folder = tmp_path_factory.mktemp("disk") / "data"
    with small_disk(folder, MEGABYTES) as disk:
        yield folder, disk


@pytest.fixture(scope="module")
def disk(place: tuple[Path, Disk]) -> Disk:
    return place[1]


@pytest.fixture(scope="module")
def server(
    place: tuple[Path, Disk], model_server: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    server = Server(place[0], openai_base_url=model_server.base_url, PLAYGROUND_STATIC_DIR=str(elsewhere / "static"))
    server.log_path = elsewhere / "server.log"
    with server:
        yield server


@pytest.fixture
def person(server: Server, fake: FakeOpenAI) -> Iterator[Person]:
    with closing(Person(server)) as person:
        yield person


@pytest.fixture
def full(server: Server, disk: Disk, person: Person) -> Iterator[None]:
    """The disk is full until the test has made room."""
    disk.fill(server)
    yield
    make_room(server, disk)


def make_room(server: Server, disk: Disk) -> None:
    if isinstance(disk, LimitedProcess) or (server.data_dir / "ballast").exists():
        disk.empty(server)


def picture(seed: int) -> bytes:
    """About 60 kB that cannot be made smaller: the server holds so much of a request in memory."""
    file = io.BytesIO()
    Image.frombytes("RGB", (140, 140), random.Random(seed).randbytes(140 * 140 * 3)).save(file, "PNG")
    return file.getvalue()


def upload(person: Person, data: bytes) -> httpx.Response:
    return person.http.post(
        "/images/",
        files={"file": ("picture.png", data, "image/png")},
        headers={"X-CSRFToken": person.http.cookies["csrftoken"], "HX-Request": "true"},
    )


def images(server: Server) -> list[Path]:
    return [path for path in (server.data_dir / "media").rglob("*") if path.is_file()]


def test_an_upload_to_a_full_disk_is_refused_and_leaves_nothing(server: Server, disk: Disk, person: Person, full: None):
    rows = Rows(server)
    for seed in range(3):
        refused = upload(person, picture(seed))
        assert refused.status_code == 503, refused.text[:500]
        assert int(refused.headers["Retry-After"]) > 0
        assert "picture.png" in refused.text
        assert "full" in refused.text
        assert images(server) == []
    assert rows.count("chat_blob") == rows.count("chat_attachment") == 0
    make_room(server, disk)
    taken = upload(person, picture(0))
    assert taken.status_code in {200, 201}, taken.text[:500]
    assert len(images(server)) == 2  # the image and its thumbnail
    assert rows.count("chat_blob") == rows.count("chat_attachment") == 1
    address = re.search(r'<img[^>]* src="([^"]+)"', taken.text)
    assert address
    assert person.get(address[1]).headers["Content-Type"].startswith("image/")


def read_until(reader: Reader, word: str) -> None:
    while word not in text_of(reader.frames).split():
        reader.frame()


@pytest.mark.sqlite  # PostgreSQL has disks of its own
def test_an_answer_on_a_full_disk_goes_on_and_is_saved_when_there_is_room(
    server: Server, disk: Disk, person: Person, fake: FakeOpenAI
):
    rows = Rows(server)
    held, ended = (
        fake.play(Reply.text(WORDS, tokens_per_second=2_000).hold_after(HALF), when=asks(text))
        for text in ("goes on", "ends meanwhile")
    )
    runs = {text: person.run_of(person.ask(text)) for text in ("goes on", "ends meanwhile")}
    with person.socket() as one, person.socket() as other:
        going_on, ending = Reader(one), Reader(other)
        follow(one, runs["goes on"])
        follow(other, runs["ends meanwhile"])
        for reader in (going_on, ending):
            read_until(reader, "word3")
        failures = refused(person)
        # SQLite writes its log over again from the start: what it needs next shall not be there already.
        wait_until(lambda: has_short_log(server), "SQLite's log to be cut")
        disk.fill(server)
        try:
            counts = [rows.count(table) for table in ("chat_message", "runs_run", "chat_conversation")]
            for reader in (going_on, ending):
                read_until(reader, WORDS[HALF - 1].strip())
            wait_until(lambda: refused(person) > failures, "a checkpoint that is refused")
            busy = person.post("/c/messages/", text=NO_ROOM, request_id="no-room")
            assert busy.status_code == 503
            assert int(busy.headers["Retry-After"]) > 0
            assert [rows.count(table) for table in ("chat_message", "runs_run", "chat_conversation")] == counts
            ended.release()
            read_until(ending, WORDS[-2].strip())
            assert httpx.get(f"{server.url}/health/live", trust_env=False, timeout=PATIENCE_S).status_code == 200
        finally:
            disk.empty(server)
        assert ending.to_end()[-1]["done"]
        assert rows.runs()["ends meanwhile"] == ("completed", WHOLE)
        wait_until(lambda: len(rows.saved("goes on").split()) >= HALF, "a checkpoint of what was kept in memory")
        held.release()
        assert going_on.to_end()[-1]["done"]
    assert rows.runs()["goes on"] == ("completed", WHOLE)
    assert rows.count("runs_runpiece") == 0
    assert person.ask(NO_ROOM, "no-room")
    assert rows.ask("PRAGMA integrity_check") == [("ok",)]


def has_short_log(server: Server) -> bool:
    with closing(sqlite3.connect(server.data_dir / "playground.sqlite3")) as database:
        is_busy: int = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not is_busy


def refused(person: Person) -> float:
    """Writes that the database refused so far, as operators see them."""
    lines = person.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("playground_write_failures_total"))
