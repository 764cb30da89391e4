"""A provider that does not answer is not asked again by every run."""

from __future__ import annotations

import pytest

from playground.runs.circuit import FAILURES, OPEN_S, Circuits, ProviderDown
from playground.runs.models import RunStatus
from playground.upstream.errors import BadRequest, ConnectFailed
from tests.fake_openai import Reply

DOWN = ConnectFailed(message="refused")


def broken():
    circuits = Circuits()
    for _ in range(FAILURES):
        circuits.check(1)
        circuits.failed(1, DOWN)
    return circuits


def test_silence_in_a_row_opens_it_for_that_provider_alone():
    circuits = broken()
    with pytest.raises(ProviderDown):
        circuits.check(1)
    circuits.check(2)


def test_an_error_reply_is_an_answer():
    circuits = Circuits()
    for _ in range(FAILURES * 2):
        circuits.failed(1, DOWN)
        circuits.failed(1, BadRequest(message="no"))
    circuits.check(1)


def test_after_the_pause_one_run_may_try(monkeypatch):
    circuits = broken()
    import time

    now = time.monotonic()
    monkeypatch.setattr("playground.runs.circuit.time.monotonic", lambda: now + OPEN_S + 1)  # the clock
    circuits.check(1)
    with pytest.raises(ProviderDown):
        circuits.check(1)
    circuits.answered(1)
    circuits.check(1)


async def test_a_run_is_told_at_once_and_a_good_answer_closes_it_again(ask, ended, fake, engine, model):
    for _ in range(FAILURES):
        engine._circuits.failed(model.provider_id, DOWN)
    _events, run = await ended(await ask())
    assert (run.status, run.error["code"], run.error["advice"]) == (RunStatus.FAILED, "provider_down", "reach")
    assert fake.completions == []
    engine._circuits._circuits[model.provider_id].closed_again_at = 0
    fake.play(Reply.text("Here again."))
    assert (await ended(await ask()))[1].text == "Here again."
    engine._circuits.check(model.provider_id)
