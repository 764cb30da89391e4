"""The browser of the tests: where it is, and how it starts."""

from __future__ import annotations

import os
import shutil

import pytest

ARGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def launch_options() -> dict[str, object]:
    """What Playwright's `launch` takes. The test fails where there is no Chromium: `make test` installs one."""
    path = os.environ.get("PLAYGROUND_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.fail("There is no Chromium: make test installs one, PLAYGROUND_CHROMIUM names one.")
    return {"executable_path": path, "args": ARGS, "chromium_sandbox": os.geteuid() != 0}
