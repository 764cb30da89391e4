"""A backup made while the server writes, restored to a new folder, served from there, and read."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image

from playground.server.backup import CannotBackUp, CannotRestore, back_up, restore
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import PATIENCE_S, Person, Rows, asks, wait_until
from tests.servers import ROOT, Server

KEYS = ("secret.key", "encryption.key")
pytestmark = pytest.mark.sqlite  # PostgreSQL has tools of its own: test_backup_postgres.py


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as server:
        yield server


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PLAYGROUND_", "DATABASE_", "REDIS_"))
    }
    environment |= {"PLAYGROUND_MODE": "local", "PLAYGROUND_DATA_DIR": str(data_dir)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((200, 100), 80).save(file, "PNG")
    return file.getvalue()


def upload(person: Person) -> str:
    """The id of an image in the tray."""
    headers = {"X-CSRFToken": person.http.cookies["csrftoken"]}
    card = person.http.post("/images/", files={"file": ("a.png", picture(), "image/png")}, headers=headers)
    assert card.status_code == 201, card.text
    return re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", card.text)[0]


def ask_with_picture(person: Person, text: str) -> tuple[str, str]:
    """Paths of a conversation, and of the image in it."""
    answer = person.post("/c/messages/", text=text, request_id=text.replace(" ", "-"), attachments=upload(person))
    assert answer.status_code == 302, answer.text[:500]
    path = answer.headers["Location"].partition("#")[0]
    found = re.search(r'(?:href|src)="(/images/[0-9a-f-]{36}/image-[0-9a-f]{8}\.\w+)"', person.get(path).text)
    assert found
    return path, found[1]


class Busy:
    """Somebody who sends images and questions one after the other."""

    def __init__(self, server: Server) -> None:
        self.sent = 0
        self.failure: BaseException | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(server,))
        self._thread.start()

    def _work(self, server: Server) -> None:
        try:
            with closing(Person(server)) as person:
                while not self._ending.is_set():
                    ask_with_picture(person, f"busy number {self.sent}")
                    self.sent += 1
        except (AssertionError, httpx.HTTPError) as failure:
            self.failure = failure

    def end(self) -> None:
        self._ending.set()
        self._thread.join(PATIENCE_S)
        assert self.failure is None


def test_a_backup_of_a_server_that_writes_is_a_server_that_has_it_all(fake: FakeOpenAI, tmp_path: Path):
    fake.reset()
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    fake.play(Reply.text(["on and "] * 30_000, tokens_per_second=50), when=asks("long story"))
    with (
        Server(tmp_path / "data", openai_base_url=fake.base_url, PLAYGROUND_DRAIN_SECONDS="1") as server,
        closing(Person(server)) as person,
    ):
        rows = Rows(server)
        path, image = ask_with_picture(person, "first question")
        wait_until(lambda: rows.runs()["first question"][0] == "completed", "the answer")
        picture_bytes, page = person.get(image).content, person.get(path).text
        answer = rows.runs()["first question"][1]
        person.ask("long story")
        wait_until(lambda: rows.saved("long story"), "the first checkpoint")
        busy = Busy(server)
        wait_until(lambda: busy.sent >= 2 or busy.failure, "somebody to write")
        done = manage(server.data_dir, "backup", str(backup))
        before = busy.sent
        wait_until(lambda: busy.sent > before or busy.failure, "the writer to go on afterwards")
        busy.end()
        saved = rows.saved("long story")
        assert done.returncode == 0, done.stderr
        assert "the database" in done.stdout
        assert "not on disk" not in done.stderr
    for name in KEYS:
        assert (backup / name).read_bytes() == (server.data_dir / name).read_bytes()
        assert (backup / name).stat().st_mode & 0o077 == 0
    done = manage(restored, "restore", str(backup))
    assert done.returncode == 0, done.stderr
    with Server(restored, openai_base_url=fake.base_url) as server, closing(Person(server)) as person:
        assert person.get(image).content == picture_bytes
        assert "200 x 100 pixels" in answer
        assert "200 x 100 pixels" in person.get(path).text
        assert re.findall(r"<article[^>]* id=\"message-[0-9a-f-]+\"", page) == re.findall(
            r"<article[^>]* id=\"message-[0-9a-f-]+\"", person.get(path).text
        )
        rows = Rows(server)
        runs = rows.runs()
        assert runs["first question"] == ("completed", answer)
        # What was being written then has ended, with the text of that moment.
        status, text = runs["long story"]
        assert status == "interrupted"
        assert text
        assert saved.startswith(text)
        assert {status for status, _text in runs.values()} <= {"completed", "interrupted"}
        # Every image that a message names is there.
        images = rows.ask("SELECT uuid FROM chat_attachment WHERE message_id IS NOT NULL")
        assert len(images) >= 3
        for (uuid,) in images:
            assert person.get(f"/images/{UUID(uuid)}/thumb/").status_code == 200
        assert rows.ask("PRAGMA integrity_check") == [("ok",)]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A backup of a folder without much in it."""
    folder = tmp_path_factory.mktemp("small")
    assert manage(folder / "data", "migrate", "--verbosity", "0").returncode == 0
    done = manage(folder / "data", "backup", str(folder / "backup"))
    assert done.returncode == 0, done.stderr
    return folder / "backup"


def test_a_backup_is_for_the_eyes_of_its_owner(small: Path):
    assert small.stat().st_mode & 0o077 == 0
    for path in small.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_backup_overwrites_nothing(tmp_path: Path):
    (tmp_path / "there").write_text("something")
    for folder in (tmp_path, tmp_path / "there"):
        with pytest.raises(CannotBackUp, match="is not empty"):
            back_up(folder)
    assert (tmp_path / "there").read_text() == "something"


def test_a_restore_overwrites_no_database(small: Path):
    done = manage(small.parent / "data", "restore", str(small))
    assert done.returncode == 1
    assert "exists; restore to a data folder of its own" in done.stderr


def test_a_restore_keeps_the_keys_that_it_replaces(small: Path, tmp_path: Path):
    assert manage(tmp_path, "check").returncode == 0  # as any command, it made keys
    made = (tmp_path / "encryption.key").read_bytes()
    assert manage(tmp_path, "restore", str(small)).returncode == 0
    assert (tmp_path / "encryption.key").read_bytes() == (small / "encryption.key").read_bytes()
    assert (tmp_path / "encryption.key.before-restore").read_bytes() == made


@pytest.mark.parametrize("change", [{"format": 2}, {"keys": ["../outside"]}, {"more": 1}, {"database": "oracle"}])
def test_what_is_no_backup_of_ours_is_not_restored(small: Path, tmp_path: Path, change: dict[str, object]):
    with pytest.raises(CannotRestore):
        restore(tmp_path)
    manifest = json.loads((small / "backup.json").read_text())
    (tmp_path / "backup.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(CannotRestore):
        restore(tmp_path)


def test_half_a_database_restores_nothing(small: Path, tmp_path: Path):
    backup, target = tmp_path / "backup", tmp_path / "target"
    shutil.copytree(small, backup)
    data = (backup / "playground.sqlite3").read_bytes()
    (backup / "playground.sqlite3").write_bytes(data[: len(data) // 2])
    done = manage(target, "restore", str(backup))
    assert done.returncode == 1
    assert "Nothing is restored" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (target / "playground.sqlite3").exists()


def test_a_restore_leaves_a_running_server_alone(small: Path, tmp_path: Path):
    with Server(tmp_path) as server:
        done = manage(tmp_path, "restore", str(small))
        assert done.returncode == 1
        assert "is in use" in done.stderr
        assert httpx.get(f"{server.url}/health/ready", trust_env=False).status_code == 200
