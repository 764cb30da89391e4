"""A pytest plugin: with CI=true a skipped test fails the session. `make test` loads it."""

from __future__ import annotations

import os

import pytest


def _skipped(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Only where the reports arrive: not in the workers of xdist."""
    judged = os.environ.get("CI") == "true" and not hasattr(session.config, "workerinput")
    if judged and exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    if os.environ.get("CI") == "true" and (count := _skipped(config)):
        terminalreporter.write_line(f"CI=true: nothing may be skipped, and {count} tests were", red=True)
