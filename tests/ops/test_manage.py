"""The command line before Django stands: a setting that cannot be right is one line, not a page of Python."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "abc", "PORT must be a whole number, not 'abc'"),
        ("PLAYGROUND_MODE", "both", "PLAYGROUND_MODE must be one of local, server, not 'both'"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(name: str, value: str, says: str):
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.strip() == f"playground: {says}"
