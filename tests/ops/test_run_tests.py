"""`make test` in two rounds: what its exit code says, and what it says about servers that do not answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import run_tests

from tests.servers import free_port


@pytest.mark.parametrize(
    ("codes", "verdict"), [([0, 0], 0), ([0, 5], 0), ([5, 0], 0), ([5, 5], 5), ([1, 0], 1), ([0, 1], 1), ([5], 5)]
)
def test_a_round_without_tests_is_fine_when_another_has_some(codes, verdict):
    assert run_tests.verdict(codes) == verdict


def test_what_does_not_answer_is_named_without_its_password():
    port = free_port()
    said = run_tests.what_is_missing(
        f"postgres://me:hunter2@127.0.0.1:{port}/test", f"redis://:hunter2@127.0.0.1:{port}"
    )
    assert [line.partition(" at ")[0] for line in said] == ["PostgreSQL", "Redis"]
    assert f"127.0.0.1:{port}" in said[0]
    assert "hunter2" not in "".join(said)


@pytest.mark.parametrize(("is_ci", "verdict"), [("true", 1), ("", 0)])
def test_a_round_that_is_left_out_is_loud_and_a_failure_in_ci(monkeypatch, capsys, is_ci, verdict):
    monkeypatch.setenv("CI", is_ci)
    monkeypatch.setenv("DATABASE_URL", f"postgres://postgres@127.0.0.1:{free_port()}/test")
    monkeypatch.setattr(run_tests, "find_browser", lambda: None)
    monkeypatch.setattr(run_tests, "run", lambda *_: 0)
    assert run_tests.main() == verdict
    assert "NOT TESTED on PostgreSQL and Redis" in capsys.readouterr().out
