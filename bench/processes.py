"""The processes under measurement: the upstream and the product, started alone and watched from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg
from cryptography.fernet import Fernet

from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parent.parent
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when `url` answers anything below 500."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {seconds} s")


class Process:
    """A running process and what the kernel says it has used."""

    def __init__(self, pid: int, url: str = "") -> None:
        self.pid = pid
        self.url = url

    def cpu_s(self) -> float:
        """User and system time so far, all threads, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def ask_to_end(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    @property
    def has_ended(self) -> bool:
        """A child that nobody has waited for yet is a zombie."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def own_process() -> Process:
    """The one that measures."""
    return Process(os.getpid())


def rows_of(part: str) -> list[Any]:
    """What the module `bench.<part>` measures, in this process."""
    return list(import_module(f"bench.{part}").measure())


@contextmanager
def running(arguments: list[str], url: str, env: dict[str, str], log: Path | None = None) -> Iterator[Process]:
    out = log.open("wb") if log else subprocess.DEVNULL
    popen = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=os.environ | env, stdout=out, stderr=out)
    try:
        wait_for(url, popen)
        yield Process(popen.pid, url)
    finally:
        popen.terminate()
        try:
            popen.wait(30)
        except subprocess.TimeoutExpired:
            popen.kill()


@contextmanager
def upstream() -> Iterator[Process]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    with running(["-m", "bench.upstream", "--port", str(port)], f"{url}/models", {}) as process:
        yield Process(process.pid, url)


@contextmanager
def product(upstream_url: str, command: Sequence[str] = ("manage.py", "serve"), **env: str) -> Iterator[Process]:
    """The product in local mode on data of its own, its provider pointing to `upstream_url`."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as data:
        settings = {
            "PLAYGROUND_DATA_DIR": data,
            "PLAYGROUND_MODE": "local",
            "PLAYGROUND_EMBEDDED": "false",
            "PLAYGROUND_SOCKETS_PER_USER": "100000",
            "PLAYGROUND_MAX_RUNS": "1000",
            "PORT": str(port),
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": upstream_url,
            **env,
        }
        for step in (["migrate", "--verbosity", "0"], ["load_catalog"]):
            subprocess.run(
                [sys.executable, "manage.py", *step],
                cwd=ROOT,
                env=os.environ | settings,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        url = f"http://127.0.0.1:{port}"
        log = Path(data) / "bench.log"
        try:
            arguments = [part.format(port=port) for part in command]
            with running(arguments, f"{url}/", settings, log) as process:
                yield process
        except BaseException:
            told = [line for line in log.read_text().splitlines() if " INFO " not in line]
            print("\n".join(told)[-4000:])
            raise


@contextmanager
def own_database() -> Iterator[str]:
    """The URL of an empty database of PostgreSQL that is gone afterwards. RuntimeError where there is no server."""
    server = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
    name = f"playground_bench_{os.getpid()}"
    try:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError as error:
        raise RuntimeError(f"PostgreSQL does not answer: {error}") from error
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def pair(upstream_url: str) -> Iterator[tuple[Process, Process]]:
    """Two processes of the product over one PostgreSQL and one Redis. RuntimeError where there is none of them."""
    with own_database() as url, RedisServer() as redis:
        shared = {
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": "only for measuring, and the same for both processes",
            "PLAYGROUND_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        }
        with product(upstream_url, **shared) as one, product(upstream_url, **shared) as two:
            yield one, two
