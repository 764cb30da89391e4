"""The real product as a subprocess: started, stopped, killed and started again on the same data."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.databases import Database

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60  # the first start migrates and collects static files, on a busy machine
STOP_SECONDS = 30
TELL_SECONDS = 5
_OURS = ("PLAYGROUND_", "OPENAI_", "DJANGO_")
_SETTINGS = {
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "HOST",
    "PORT",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
}


def free_port() -> int:
    """A port of loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`manage.py serve --prepare` on a free port, with `data_dir` and its own environment; in local mode unless told.

    It migrates and loads the catalogue first. The port stays the same over restarts, so that an open page comes back. With
    DATABASE_URL set for the tests it has a database of its own there, which ends with the `with` statement.
    """

    def __init__(self, data_dir: Path, *, openai_base_url: str = "", **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = data_dir / "server.log"
        self.database = Database()
        self._process: subprocess.Popen[bytes] | None = None
        inherited = {
            name: value for name, value in os.environ.items() if name not in _SETTINGS and not name.startswith(_OURS)
        }
        self._environment = inherited | {
            "PLAYGROUND_MODE": "local",
            "PLAYGROUND_DATA_DIR": str(data_dir),
            "PLAYGROUND_STATIC_DIR": str(data_dir / "static"),  # files of the checkout may change while tests run
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PYTHONFAULTHANDLER": "1",
            "PYTHONUNBUFFERED": "1",
            **self.database.environment,
            **({"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": openai_base_url} if openai_base_url else {}),
            **environment,
        }

    @property
    def log(self) -> str:
        """All that it has printed, over all its lives."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def start(self) -> Self:
        """Returns when it accepts connections. RuntimeError with its log when it does not."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            said = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--prepare"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that a kill takes its children along
            )
            self._wait_until_ready(said)
        return self

    def stop(self) -> int:
        """Ask it to end, as an operator does. Returns its exit code; kills it when it does not end in time."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.send_signal(signal.SIGABRT)  # it prints where each of its threads stands
                self._process.wait(TELL_SECONDS)
            self.kill()
            raise RuntimeError(f"the server did not stop within {STOP_SECONDS} s:\n{self.log[-4000:]}") from None
        finally:
            self._process = None

    def kill(self) -> None:
        """kill -9, it and its children: no clean-up, no goodbye."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_SECONDS)
            self._process = None

    def restart(self) -> Self:
        """Stop it if it runs, and start it on the same data and port."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        self.database.create()
        try:
            return self.start()
        except BaseException:
            self.database.drop()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        try:
            self.stop()
        finally:
            self.database.drop()

    def _wait_until_ready(self, said: int) -> None:
        """Until it says so behind byte `said` of its log: while it looks whether its port is free, others can connect too."""
        deadline = time.monotonic() + START_SECONDS
        while self.is_running and time.monotonic() < deadline:
            if b"playground: ready at" in self.log_path.read_bytes()[said:]:
                return
            time.sleep(0.05)  # between two looks at the port; there is nothing to wait on
        log = self.log[-4000:]
        self.kill()
        raise RuntimeError(f"the server did not start:\n{log}")
