"""Whatever a model server does, a run ends in one state, within its clocks, with the text that arrived and a clear error."""

from __future__ import annotations

import asyncio

import pytest

from playground.runs import services
from playground.runs.advice import advice_text
from playground.runs.events import RunFinished, TextDelta
from playground.runs.models import RunPiece, RunStatus
from tests.fake_openai import SCENARIOS, Reply, scenario

# What a good answer must not be ended by: these replies are odd, but they are answers.
GOOD = {
    *("no-done", "two-finishes", "text-after-finish", "no-last-blank", "eos", "length", "filtered", "odd-finish"),
    *("no-usage", "usage", "usage-float", "usage-negative", "usage-huge", "usage-garbage", "usage-then-null"),
    *("usage-every", "openrouter", "timings", "roles", "numeric-ids", "null-choices", "null-deltas", "no-index"),
    *("error-null", "parts", "full-message", "legacy-text", "azure-filter", "together", "obfuscation"),
    *("reasoning", "reasoning-ollama", "reasoning-details", "think", "crlf", "cr", "bom", "no-space", "multi-data"),
    *("fields", "split-utf8", "comments", "json-to-stream", "close-framed"),
}


@pytest.fixture(autouse=True)
def short_clocks(settings):
    settings.UPSTREAM_CONNECT_SECONDS = 2
    settings.UPSTREAM_FIRST_TOKEN_SECONDS = 1.5
    settings.UPSTREAM_SILENCE_SECONDS = 1.5
    settings.RUN_TOTAL_SECONDS = 4


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("name", SCENARIOS)
async def test_every_fault_ends_the_run_clearly(ask, fake, engine, name):
    from playground.runs.models import Run

    fake.play(*(scenario(name) for _ in range(3)))  # a retry meets the same
    run, events = await ask(), []
    async with asyncio.timeout(60):
        async for batch in services.follow(run.uuid):
            events += batch.events
    row = await Run.objects.aget(pk=run.pk)
    assert [event for event in events if isinstance(event, RunFinished)] == [events[-1]]
    assert row.text == text_of(events)
    assert not await RunPiece.objects.filter(run=row).aexists()
    assert row.duration_ms is not None
    if row.status == RunStatus.COMPLETED:
        assert row.finish_reason
        assert row.response["choices"]
    else:
        assert row.status == RunStatus.FAILED
        assert 0 < len(row.error["message"]) <= 300
        assert "<" not in row.error["message"]
        assert advice_text(row.error)
        assert row.error["advice"] != "report"
    if name in GOOD:
        assert row.status == RunStatus.COMPLETED, row.error


async def test_a_bad_upstream_does_not_hold_up_the_others(ask, ended, fake):
    fake.play(scenario("stall"), scenario("endless"), scenario("giant-line"), Reply.text("Good."))
    bad = [await ask() for _ in range(3)]
    await asyncio.to_thread(fake.wait_for_requests, 3)
    _events, row = await ended(await ask())
    assert row.text == "Good."
    for run in bad:
        _events, row = await ended(run)
        assert row.status == RunStatus.FAILED
