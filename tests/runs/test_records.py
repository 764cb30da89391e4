"""What operators see of runs: counted once a run, in few series, and never with a word of what was said."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from prometheus_client import generate_latest

from playground.lib import logs
from playground.lib.metrics import OTHER, Names, registry
from playground.runs import records, services
from playground.runs.live import Outcome
from playground.runs.models import RunStatus
from playground.upstream.errors import UpstreamError
from tests.fake_openai import Reply


class Difference:
    """By how much a sample has grown since this was made."""

    def __init__(self, name: str, **labels: str) -> None:
        self.name, self.labels = name, labels
        self.before = self.now

    @property
    def now(self) -> float:
        return registry.get_sample_value(self.name, self.labels) or 0.0

    @property
    def grown(self) -> float:
        return self.now - self.before


async def test_an_answer_is_counted_once_with_its_times(ask, ended, fake):
    count = Difference("playground_runs_ended_total", status="completed", source="test")
    first = Difference("playground_first_token_seconds_count", provider="fake")
    waited = Difference("playground_run_wait_seconds_count")
    written = Difference("playground_write_seconds_count", step="end")
    fake.play(Reply.text(["One ", "two ", "three."]))
    await ended(await ask())
    assert (count.grown, first.grown, waited.grown) == (1, 1, 1)
    assert written.grown >= 1


@pytest.mark.parametrize(
    ("first_token_ms", "duration_ms", "tokens", "rate"),
    [
        (100, 1100, 21, 20),  # the first token is what the clock begins with
        (100, 150, 21, None),  # too short to say, or it came whole
        (None, 1100, 21, None),
        (100, None, 21, None),
        (100, 1100, None, None),
        (100, 1100, 0, None),
    ],
)
def test_the_rate_is_that_of_the_tokens_behind_the_first(first_token_ms, duration_ms, tokens, rate):
    outcome = Outcome(RunStatus.COMPLETED, "", "", first_token_ms=first_token_ms, duration_ms=duration_ms)
    outcome.completion_tokens = tokens
    assert records._rate(outcome) == rate


async def test_a_stopped_run_is_counted_as_stopped(ask, ended, fake):
    count = Difference("playground_runs_ended_total", status="stopped", source="test")
    fake.play(Reply.text(["One ", "two"]).hold_after(1))
    run = await ask()
    await sync_to_async(services.stop_run)(run)
    await ended(run)
    assert count.grown == 1


async def test_errors_are_counted_by_kind_and_say_nothing_of_their_text(ask, ended, fake, caplog):
    failed = Difference("playground_upstream_errors_total", provider="fake", kind="authentication_failed")
    fake.play(Reply.error(401, "canary: your prompt was hunter2"))
    with caplog.at_level("INFO", logger="playground"):
        await ended(await ask())
    assert failed.grown == 1
    assert b"canary" not in generate_latest(registry)
    assert "failed run" in caplog.text
    assert "hunter2" not in caplog.text


async def test_requests_sent_again_are_counted(ask, ended, fake):
    retried = Difference("playground_upstream_retries_total", provider="fake")
    fake.play(Reply.error(503, "busy"))
    fake.play(Reply.text("Now."))
    _events, run = await ended(await ask())
    assert run.text == "Now."
    assert retried.grown == 1


async def test_steps_in_threads_know_their_run_for_the_log(ask, ended, fake, source, monkeypatch):
    known = []
    monkeypatch.setattr(source, "digest", lambda run, text: known.append((logs.run_id.get(), logs.request_id.get())))
    fake.play(Reply.text("Now."))
    token = logs.request_id.set("of-the-request-that-asked")
    _events, run = await ended(await ask())
    logs.request_id.reset(token)
    assert known == [(str(run.uuid), "")]


def test_a_write_that_is_refused_is_counted_as_that():
    refused = Difference("playground_write_failures_total", step="checkpoint")
    written = Difference("playground_write_seconds_count", step="checkpoint")
    with pytest.raises(OperationalError), records.writing("checkpoint"):
        raise OperationalError("database is locked")
    assert (refused.grown, written.grown) == (1, 0)


def test_however_many_names_there_are_few_become_series():
    names = Names(3)
    assert [names(name) for name in "abcdeab"] == ["a", "b", "c", OTHER, OTHER, "a", "b"]


def test_a_kind_is_the_class_of_the_error():
    def below(kind: type[Exception]) -> list[type[Exception]]:
        return [kind, *(inner for child in kind.__subclasses__() for inner in below(child))]

    kinds = {records.kind_of(kind(message="canary")) for kind in below(UpstreamError)}
    assert {"connect_failed", "first_token_timeout", "quota_exceeded"} < kinds
    assert "canary" not in kinds
