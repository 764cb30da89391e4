"""One run of the child process: start it, ask whether it is well, end it. Blocking; used from one thread at a time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playground.lib.probe import answers_ok

HEALTH_SECONDS = 5.0
STOP_SECONDS = 5.0
LOG_LINES = 3


class StartFailed(Exception):
    """The child ended, or said nothing in time; the text is what it wrote last."""


@dataclass
class Child:
    """A child that has said where it listens."""

    process: subprocess.Popen[bytes]
    address: str
    api_key: str

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def is_healthy(self) -> bool:
        """Whether it answers its health check within HEALTH_SECONDS."""
        if not self.is_alive:
            return False
        where = urlsplit(self.address)
        return answers_ok(where.hostname or "", where.port, "/health", within_s=HEALTH_SECONDS)

    def stop(self) -> None:
        """End it and wait until it is gone."""
        end(self.process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which it takes as the end; insist if it does not. Leaves no zombie and no open pipe."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):  # it was gone already
            process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def start(*, model: Path, alias: str, log_path: Path, within_s: float) -> Child:
    """Start the child and wait until it says that it listens. Raises StartFailed, and then nothing is left running."""
    api_key = secrets.token_urlsafe(32)
    log_path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "playground.embedded.server"]
    command += ["--model", str(model), "--alias", alias, "--parent", str(os.getpid())]
    with log_path.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, with arguments of ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=Path(__file__).resolve().parents[2],
            env=_environment(),
        )
    try:
        return Child(process, address=_greet(process, api_key, within_s), api_key=api_key)
    except (OSError, ValueError, StartFailed) as error:
        end(process)
        raise StartFailed(_last_words(log_path) or str(error)) from error


def _environment() -> dict[str, str]:
    """Ours without its secrets: the child has no use for keys."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _greet(process: subprocess.Popen[bytes], api_key: str, within_s: float) -> str:
    """Hand over the key and read the address."""
    if process.stdin is None or process.stdout is None:
        raise StartFailed("no pipes")
    process.stdin.write(f"{api_key}\n".encode())
    process.stdin.flush()
    line, deadline = b"", time.monotonic() + within_s
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise StartFailed("it was not ready in time")
        piece = os.read(process.stdout.fileno(), 4096)
        if not piece:
            raise StartFailed("it ended while it started")
        line += piece
    return str(json.loads(line)["address"])


def _last_words(log_path: Path) -> str:
    """The end of what it wrote to its log, on one line."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return " ".join(line.strip() for line in lines[-LOG_LINES:])[:300]
