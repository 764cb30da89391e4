"""A Chromium for the browser tests: one that is there, else Debian's package as root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """Path of a Chromium that is installed, or nothing."""
    chosen = os.environ.get("PLAYGROUND_CHROMIUM", "")
    if chosen:
        return chosen
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _playwright_path()


def find_or_install() -> str:
    """Path of a Chromium, installed if need be, or nothing when that failed; then it has said why."""
    if path := find():
        return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("playground: installing Debian's chromium", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        install = ["apt-get", "install", "--yes", "--quiet", "--quiet", "--no-install-recommends", "chromium"]
        if subprocess.run(install, env=env, stdout=subprocess.DEVNULL, check=False).returncode:
            # The list of packages may be old or empty, as in a fresh container.
            subprocess.run(["apt-get", "update", "--quiet", "--quiet"], env=env, check=False)
            subprocess.run(install, env=env, stdout=subprocess.DEVNULL, check=False)
        if path := shutil.which("chromium"):
            return path
    print("playground: installing Playwright's Chromium", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return _playwright_path()


def _playwright_path() -> str:
    """Where Playwright keeps its own, if it has been installed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else ""


if __name__ == "__main__":
    sys.exit(0 if find_or_install() else 1)
