"""`manage.py serve` as people start it: a process of its own, with signals and exit codes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.databases import Database

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# With DATABASE_URL: that of each data folder.
_databases: dict[Path, Database] = {}


class Serve:
    """`manage.py serve` with what it prints."""

    def __init__(self, data_dir: Path, *arguments: str, listens: bool = True, **environment: str) -> None:
        self.listens = listens  # False: nobody reads what it prints once it is ready
        database = _databases.get(data_dir)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "PLAYGROUND_MODE": "local",
                "PLAYGROUND_DATA_DIR": str(data_dir),
                "HOST": "127.0.0.1",
                "PYTHONUNBUFFERED": "1",
                **(database.environment if database else {}),
                "REDIS_URL": "",  # one process; tests/faults has several
                **environment,
            },
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
            if "ready at" in line and not self.listens:
                self.process.stdout.close()
                break
        with self._changed:
            self._changed.notify_all()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, pattern: str) -> re.Match[str]:
        with self._changed:
            self._changed.wait_for(
                lambda: re.search(pattern, self.output) or not self._reader.is_alive() or None, timeout=90
            )
        found = re.search(pattern, self.output)
        assert found, self.output
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(60)
        self._reader.join(10)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> Iterator[Path]:
    """A data folder, and its database, as `make run` leaves them, made once."""
    folder = tmp_path_factory.mktemp("serve") / "migrated"
    with Database() as database:
        _databases[folder] = database
        for command in ("migrate", "load_catalog"):
            subprocess.run(
                [sys.executable, "manage.py", command, "--verbosity", "0"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "PLAYGROUND_MODE": "local",
                    "PLAYGROUND_DATA_DIR": str(folder),
                    **database.environment,
                },
                check=True,
            )
        yield folder


@pytest.fixture
def data_dir(tmp_path) -> Iterator[Path]:
    """A data folder that is not there yet, and an empty database if it is not in the folder."""
    folder = tmp_path / "data"
    with Database() as database:
        _databases[folder] = database
        yield folder
    del _databases[folder]


@pytest.fixture
def prepared_dir(data_dir, migrated) -> Path:
    """The same with all tables and rows."""
    shutil.copytree(migrated, data_dir)
    _databases[data_dir].drop()
    _databases[data_dir].create(_databases[migrated])
    return data_dir


@pytest.fixture
def started(prepared_dir) -> Iterator[Serve]:
    """One that is ready."""
    one = Serve(prepared_dir, PORT=str(free_port()))
    try:
        one.url = one.wait_for(r"ready at (\S+)")[1]
        yield one
    finally:
        one.process.kill()
        one.wait()


def test_from_nothing_it_prepares_serves_and_says_where(data_dir):
    port = str(free_port())
    one = Serve(data_dir, "--prepare", PORT=port)
    assert one.wait_for(r"ready at (\S+)")[1] == f"http://127.0.0.1:{port}"
    answer = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, follow_redirects=True, timeout=30)
    assert answer.status_code == 200, one.output
    assert "server" not in answer.headers
    assert one.end() == 0


def test_probes_are_answered(started):
    assert httpx.get(f"{started.url}/health/live", trust_env=False).text == "ok\n"
    ready = httpx.get(f"{started.url}/health/ready", headers={"Host": "10.1.2.3"}, trust_env=False)
    assert ready.status_code == 200
    assert httpx.post(f"{started.url}/health/ready", trust_env=False).status_code == 405


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(started, number):
    httpx.get(f"{started.url}/health/live", trust_env=False)
    assert started.end(number) == 0
    assert "Traceback" not in started.output
    assert "stopping" in started.output


def test_a_signal_ends_it_also_when_nobody_reads_what_it_prints(prepared_dir):
    one = Serve(prepared_dir, PORT=str(free_port()), listens=False)
    try:
        url = one.wait_for(r"ready at (\S+)")[1]
        httpx.get(f"{url}/", trust_env=False, timeout=60)
        one.end()
    finally:
        one.process.kill()
        one.wait()


def test_a_signal_ends_it_while_a_socket_and_a_connection_are_open(started):
    port = int(started.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as idle, httpx.Client(trust_env=False) as client:
        client.get(f"{started.url}/health/live")  # kept alive
        idle.sendall(b"GET / HTTP/1.1\r\nHost: ")  # half a request
        assert started.end() == 0
    assert "Traceback" not in started.output


def test_the_access_log_has_no_query_and_no_probe(started):
    httpx.get(f"{started.url}/?token=hunter2", trust_env=False, timeout=30)
    started.wait_for(r"playground\.access: GET / \d+ \d+ ms")
    httpx.get(f"{started.url}/health/live", trust_env=False)
    assert started.end() == 0
    assert "hunter2" not in started.output
    assert "/health" not in started.output


def test_a_second_process_on_the_same_data_is_refused(started, data_dir):
    second = Serve(data_dir, PORT=str(free_port()))
    assert second.wait() == 1
    assert f"already serves {data_dir}: {started.url} (process {started.process.pid})" in second.output
    assert "Traceback" not in second.output


def test_the_data_is_free_again_after_a_kill(started, data_dir):
    started.process.kill()
    started.wait()
    again = Serve(data_dir, PORT=str(free_port()))
    again.wait_for("ready at")
    assert again.end() == 0


def test_a_taken_port_is_named_with_another_to_try(data_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        one = Serve(data_dir, "--prepare", PORT=str(port))
        assert one.wait() == 1
    assert f"Port {port} is taken" in one.output
    assert "make run PORT=" in one.output
    assert "Traceback" not in one.output


def test_local_mode_refuses_a_public_address(data_dir):
    one = Serve(data_dir, HOST="0.0.0.0", PORT=str(free_port()))
    assert one.wait() == 1
    assert "Local mode signs every visitor in as the owner" in one.output
    assert "PLAYGROUND_MODE=server" in one.output
    assert "Traceback" not in one.output


def test_a_database_that_is_not_migrated_is_explained(data_dir):
    one = Serve(data_dir, PORT=str(free_port()))
    assert one.wait() == 1
    assert "manage.py migrate" in one.output
    assert "Traceback" not in one.output


def test_nonsense_in_the_environment_is_explained(data_dir):
    one = Serve(data_dir, PORT="eighty")
    assert one.wait() == 1
    assert "PORT must be a whole number, not 'eighty'" in one.output
