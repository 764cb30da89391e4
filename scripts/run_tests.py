"""`make test`: every test on two workers, with a Chromium for the browser's. Arguments go to pytest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import chromium

ROOT = Path(__file__).resolve().parent.parent
WORKERS = "2"


def main() -> None:
    if path := chromium.find_or_install():
        os.environ["PLAYGROUND_CHROMIUM"] = path
    elif os.environ.get("CI") == "true":
        sys.exit("playground: no Chromium, and with CI=true nothing may be skipped")
    else:
        print("playground: no Chromium; the browser tests will be skipped", flush=True)
    os.chdir(ROOT)
    workers = os.environ.get("PLAYGROUND_TEST_WORKERS", WORKERS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.nothing_skipped", "-n", workers, "--dist", "worksteal"]
    os.execv(sys.executable, [*command, *sys.argv[1:]])


if __name__ == "__main__":
    main()
