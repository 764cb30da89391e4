"""What docs/operations.md says of backups with PostgreSQL, done: its own tools for the database, ours for images and keys."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import Database
from tests.fake_openai import FakeOpenAI
from tests.ops.test_backup import ask_with_picture
from tests.safety.product import Person, Rows, wait_until
from tests.servers import ROOT, Server

pytestmark = pytest.mark.postgres


def command(*words: str, **environment: str) -> str:
    """What it printed."""
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def manage(data_dir: Path, database: Database, *words: str) -> str:
    environment = {"PLAYGROUND_MODE": "local", "PLAYGROUND_DATA_DIR": str(data_dir), **database.environment}
    return command(sys.executable, "manage.py", *words, **environment)


def test_a_dump_and_a_backup_are_a_server_that_has_it_all(tmp_path: Path):
    dump, backup, restored = tmp_path / "database.dump", tmp_path / "backup", tmp_path / "restored"
    with FakeOpenAI(tokens_per_second=0) as fake, Server(tmp_path / "data", openai_base_url=fake.base_url) as server:
        with closing(Person(server)) as person:
            path, image = ask_with_picture(person, "first question")
            wait_until(lambda: Rows(server).runs()["first question"][0] == "completed", "the answer")
            picture = person.get(image).content
            command("pg_dump", "--format=custom", f"--file={dump}", server.database.url)
            assert "make it with pg_dump" in manage(server.data_dir, server.database, "backup", str(backup))
        other = Server(restored, openai_base_url=fake.base_url)
        with other.database:
            command("pg_restore", "--no-owner", f"--dbname={other.database.url}", str(dump))
            manage(restored, other.database, "restore", str(backup))
            other.start()
            try:
                with closing(Person(other)) as person:
                    assert "200 x 100 pixels" in person.get(path).text
                    assert person.get(image).content == picture
            finally:
                other.stop()
        for name in ("secret.key", "encryption.key"):
            assert (restored / name).read_bytes() == (server.data_dir / name).read_bytes()
