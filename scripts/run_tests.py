"""`make test`: every test, on two workers and with a Chromium for the browser's, in two rounds. Arguments go to pytest in both.

First on SQLite and memory, then on PostgreSQL and Redis: those of DATABASE_URL and REDIS_URL, else those of this machine. Where
they do not answer the second round is left out, which is said loudly, and is a failure with CI=true.

With CI=true tests that failed are run once more by themselves, loudly: many start servers and browsers and kill them, and two
such tests beside each other can take so long that one gives up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import chromium
import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
WORKERS = "2"
DATABASE_URL = "postgres://postgres@127.0.0.1:5432/test"
REDIS_URL = "redis://127.0.0.1:6379"
ANSWER_S = 5
OURS = {"DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE"}
FAILED, NO_TESTS = 1, 5  # pytest's exit codes
MOST_AGAIN = 3  # failures of the second try, after which the rest need not be looked at


def find_browser() -> None:
    if path := chromium.find_or_install():
        os.environ["PLAYGROUND_CHROMIUM"] = path
    elif os.environ.get("CI") == "true":
        sys.exit("playground: no Chromium, and with CI=true nothing may be skipped")
    else:
        print("playground: no Chromium; the browser tests will be skipped", flush=True)


def what_is_missing(database_url: str, redis_url: str) -> list[str]:
    """Which of the two servers do not let us in, and why. The tests make databases of their own there."""
    missing = []
    try:
        psycopg.connect(urlunsplit(urlsplit(database_url)._replace(path="/postgres")), connect_timeout=ANSWER_S).close()
    except psycopg.Error as error:
        missing.append(f"PostgreSQL at {_place(database_url)}: {str(error).strip().splitlines()[0]}")
    try:
        redis.from_url(redis_url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S).ping()
    except (redis.RedisError, ValueError) as error:
        missing.append(f"Redis at {_place(redis_url)}: {error}")
    return missing


def _place(url: str) -> str:
    """Without name and password."""
    return urlsplit(url).netloc.rpartition("@")[2] or "nowhere"


def run(title: str, environment: dict[str, str]) -> int:
    """One round. Returns pytest's exit code."""
    print(f"playground: tests on {title}", flush=True)
    began = time.monotonic()
    workers = os.environ.get("PLAYGROUND_TEST_WORKERS", WORKERS)
    code = pytest(environment, "-n", workers, "--dist", "worksteal", *sys.argv[1:])
    if code == FAILED and os.environ.get("CI") == "true":
        print("!" * 100)
        print("playground: what failed is run once more by itself; what fails again has failed.")
        print("What passes now is NOT STABLE beside other tests, and stands in the list above:", flush=True)
        code = pytest(environment, "-n", "0", "-v", "--last-failed", "--maxfail", str(MOST_AGAIN), *sys.argv[1:])
        print("!" * 100, flush=True)
    print(f"playground: tests on {title} took {time.monotonic() - began:.0f} s", flush=True)
    return code


def pytest(environment: dict[str, str], *arguments: str) -> int:
    """Returns its exit code."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.nothing_skipped", *arguments]
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(command, cwd=ROOT, env=inherited | environment, check=False).returncode


def verdict(codes: list[int]) -> int:
    """A round in which the arguments leave no test is fine, as long as another one has some."""
    ran = [code for code in codes if code != NO_TESTS]
    return next(filter(None, ran), 0) if ran else NO_TESTS


def main() -> int:
    find_browser()
    database_url = os.environ.get("DATABASE_URL") or DATABASE_URL
    redis_url = os.environ.get("REDIS_URL") or REDIS_URL
    codes = [run("SQLite and memory", {})]
    if codes[0] == 2:  # interrupted
        return 2
    if missing := what_is_missing(database_url, redis_url):
        print("\n" + "!" * 100)
        print("playground: NOT TESTED on PostgreSQL and Redis, which did not answer:")
        print("\n".join(f"  {one}" for one in missing))
        print("Start them, or name others with DATABASE_URL and REDIS_URL.")
        print("!" * 100, flush=True)
        return verdict(codes) or (1 if os.environ.get("CI") == "true" else 0)
    codes.append(run("PostgreSQL and Redis", {"DATABASE_URL": database_url, "REDIS_URL": redis_url}))
    return verdict(codes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
