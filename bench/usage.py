"""The admin's review over a year of runs: server time and queries of its pages, on both databases.

Server time is that of Django's test client in this process: middleware, view, template; no network. The machine may be busy
with other things, so each page is asked for several times, and the best time stands beside the first; the processor time of
this process and of its connection's says what it would be without them.
"""

from __future__ import annotations

import datetime
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench import processes, usage_rows

if TYPE_CHECKING:
    from django.test import Client

ENTRIES = {"postgresql": 1_000_000, "sqlite": 100_000}
REPEATS = 9
SCALE = float(os.environ.get("BENCH_USAGE_SCALE", "1"))  # of ENTRIES, to try it out


@dataclass
class Made:
    """What the pages stand on, and how long it took to write."""

    database: str
    entries: int
    daily_rows: int
    latency_rows: int
    write_s: float
    rebuild_s: float

    def __str__(self) -> str:
        return (
            f"{self.database}: {self.entries:,} entries in {self.write_s:.0f} s; {self.daily_rows:,} rows of daily sums and "
            f"{self.latency_rows:,} of latency in {self.rebuild_s:.0f} s"
        )


@dataclass
class Shown:
    """One page: milliseconds of server time, the first visit, the median and the best of the later ones."""

    database: str
    page: str
    first_ms: float
    median_ms: float
    best_ms: float
    cpu_ms: float  # of this process and of PostgreSQL's for its connection, the least; without what its helpers add up
    queries: int

    def __str__(self) -> str:
        return (
            f"{self.database:<11} {self.page:<28} best {self.best_ms:6.0f} ms, median {self.median_ms:6.0f} ms, "
            f"first {self.first_ms:6.0f} ms, CPU {self.cpu_ms:5.0f} ms, {self.queries} queries"
        )


def measure() -> Iterator[Made | Shown]:
    """SQLite, then PostgreSQL where one answers: each in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as data:
        yield from _in_own_process(data, "")
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as data, processes.own_database() as url:
        yield from _in_own_process(data, url)


def _in_own_process(data: str, database_url: str) -> list[Made | Shown]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, data, database_url).result()


def _measure(data: str, database_url: str) -> list[Made | Shown]:
    os.environ |= {
        "PLAYGROUND_DATA_DIR": data,
        "PLAYGROUND_STATIC_DIR": f"{data}/static",
        "PLAYGROUND_MODE": "local",
        "DJANGO_SETTINGS_MODULE": "playground.settings",
        "DATABASE_URL": database_url,
    }
    os.environ.pop("REDIS_URL", None)
    import django

    django.setup()
    client = _prepare()
    made = _fill()
    return [made, *(_show(client, made.database, name, address) for name, address in _pages().items())]


def _prepare() -> Client:
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("load_catalog", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="127.0.0.1")
    client.get("/")
    return client


def _fill() -> Made:
    from django.db import connection

    from playground.usage.models import DailyLatency, DailyUsage
    from playground.usage.rollups import rebuild

    count = round(ENTRIES[connection.vendor] * SCALE)
    began = time.perf_counter()
    usage_rows.write(usage_rows.entries(usage_rows.make_people(), count))
    written = time.perf_counter()
    rebuild(datetime.date.min, datetime.date.max)
    rebuilt = time.perf_counter()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")  # as its autovacuum does within a minute
    return Made(
        connection.vendor,
        count,
        DailyUsage.objects.count(),
        DailyLatency.objects.count(),
        written - began,
        rebuilt - written,
    )


def _pages() -> dict[str, str]:
    from playground.accounts.models import User

    last = usage_rows.LAST_DAY
    month = f"from={last - datetime.timedelta(days=29)}&to={last}"
    year = f"from={last - datetime.timedelta(days=364)}&to={last}"
    person = User.objects.get(username="person-000").pk
    return {
        "30 days": f"/admin/usage/?{month}",
        "a year": f"/admin/usage/?{year}",
        "a year of one person": f"/admin/usage/?{year}&user={person}",
        "a year of one model": f"/admin/usage/?{year}&model=openai/gpt-4.1",
        "a year of one team": f"/admin/usage/?{year}&group=1",
        "runs of a year": f"/admin/usage/runs/?{year}",
        "failed runs of a year": f"/admin/usage/runs/?{year}&status=failed",
        "unpriced runs of a year": f"/admin/usage/runs/?{year}&only=unpriced",
        "statement of a month": f"/admin/usage/statement/?month={last:%Y-%m}",
    }


def _show(client: Client, database: str, name: str, address: str) -> Shown:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, cpu = [], []
    for _ in range(REPEATS + 1):
        used, before = _cpu_s(), time.perf_counter()
        _ok(client.get(address))
        times.append((time.perf_counter() - before) * 1000)
        cpu.append((_cpu_s() - used) * 1000)
    with CaptureQueriesContext(connection) as queries:
        _ok(client.get(address))
    return Shown(database, name, times[0], median(times[1:]), min(times[1:]), min(cpu), len(queries))


def _cpu_s() -> float:
    """Of this process, and of the one that serves its connection, if that is on this machine."""
    from django.db import connection

    used = time.process_time()
    if connection.vendor == "postgresql":
        pid = connection.connection.info.backend_pid
        with suppress(OSError):
            used += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return used


def _ok(response: object) -> None:
    if response.status_code != 200:  # type: ignore[attr-defined]
        raise RuntimeError(f"status {response.status_code}")  # type: ignore[attr-defined]


if __name__ == "__main__":
    for row in measure():
        print(row)
