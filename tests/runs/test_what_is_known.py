"""A run that did not come to its end is priced by what is known of it: what its server had reported, or what has arrived."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from playground.lib.tokens import text_tokens
from playground.runs import services
from playground.runs.events import TextDelta
from playground.runs.models import RunStatus
from playground.upstream.chunks import Answer
from playground.usage.models import LedgerEntry
from tests.fake_openai import Head, Reply, scenario
from tests.fake_openai.frames import Chunks, sse
from tests.fake_openai.reply import STREAM_HEADERS
from tests.fake_openai.script import End, Gate

SO_FAR = {"prompt_tokens": 500, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 300}}


def reporting(*end) -> Reply:
    """Two words, each with what was used by then, as servers with continuous usage do; then `end`."""
    chunks = Chunks("fake-chat-2026")
    words = [chunks.choice({"content": word}) | {"usage": SO_FAR} for word in ("One ", "two")]
    return Reply.steps(Head(200, STREAM_HEADERS), *map(sse, words), *end)


async def seen(run, text):
    said = ""
    async for batch in services.follow(run.uuid):
        said += "".join(event.text for event in batch.events if isinstance(event, TextDelta))
        if said == text:
            return


async def entry_of(run):
    return await LedgerEntry.objects.aget(run=run.uuid)


async def test_what_was_reported_before_a_stop_counts(ask, ended, fake):
    fake.play(reporting(Gate()))
    run = await ask()
    await seen(run, "One two")
    await sync_to_async(services.stop_run)(run)
    _events, run = await ended(run)
    assert (run.status, run.is_estimated) == (RunStatus.STOPPED, True)
    assert (run.prompt_tokens, run.cached_tokens, run.completion_tokens) == (500, 300, 40)
    assert (await entry_of(run)).usage == SO_FAR


@pytest.mark.parametrize(
    "end", [(End.CUT,), (sse({"error": {"message": "Overloaded", "code": 503}}),)], ids=["cut", "error"]
)
async def test_what_was_reported_before_it_broke_counts(ask, ended, fake, end):
    fake.play(reporting(*end))
    _events, run = await ended(await ask())
    assert (run.status, run.is_estimated) == (RunStatus.FAILED, True)
    assert (run.prompt_tokens, run.cached_tokens, run.completion_tokens) == (500, 300, 40)


async def test_what_came_after_the_last_report_counts_too(ask, ended, fake):
    chunks = Chunks("fake-chat-2026")
    more = "word " * 200
    fake.play(reporting(chunks.text(more), End.CUT))
    _events, run = await ended(await ask())
    assert run.completion_tokens == text_tokens("One two" + more).tokens > 40


async def test_the_model_that_answered_is_known_of_a_stopped_run(ask, ended, fake):
    fake.play(reporting(Gate()))
    run = await ask()
    await seen(run, "One two")
    await sync_to_async(services.stop_run)(run)
    _events, run = await ended(run)
    assert run.resolved_model == (await entry_of(run)).resolved_model == "fake-chat-2026"


@pytest.mark.parametrize("name", ["stall-headers", "stall-first", "stall-role", "giant-line"])
async def test_a_server_that_we_left_may_have_read_the_prompt(ask, ended, fake, settings, name):
    settings.UPSTREAM_FIRST_TOKEN_SECONDS = settings.UPSTREAM_SILENCE_SECONDS = 0.5
    fake.play(scenario(name))
    _events, run = await ended(await ask())
    assert (run.status, run.text) == (RunStatus.FAILED, "")
    assert run.prompt_tokens
    assert run.completion_tokens == 0


@pytest.mark.parametrize("name", ["400", "503", "reset-headers", "error-first", "502-html"])
async def test_a_server_that_refused_bills_nothing(ask, ended, fake, monkeypatch, name):
    monkeypatch.setattr("playground.upstream.client.delay_before", lambda *_: None)  # no further try
    fake.play(scenario(name))
    _events, run = await ended(await ask())
    assert (run.status, run.prompt_tokens) == (RunStatus.FAILED, None)


async def test_calls_of_tools_are_output(ask, ended, fake):
    fake.play(scenario("tools"))
    _events, run = await ended(await ask())
    assert run.is_estimated
    assert run.completion_tokens >= text_tokens('tide{"port":"Brest"}tide{"port":"Cork"}').tokens


async def test_every_choice_is_output(ask, ended, fake):
    chunks = Chunks("fake-chat")
    said = [
        chunks.chunk(choices=[{"index": number, "delta": {"content": "word " * 50}, "finish_reason": "stop"}])
        for number in (1, 0)
    ]
    fake.play(Reply.events(*map(sse, said), b"data: [DONE]\n\n"))
    _events, run = await ended(await ask(n=2))
    assert run.completion_tokens == text_tokens("word " * 100).tokens


@pytest.mark.parametrize("nonsense", [{}, "plenty", {"prompt_tokens": -1, "completion_tokens": 2}, [1]])
def test_usage_that_makes_no_sense_does_not_undo_what_did(nonsense):
    answer, out = Answer(answer_bytes=10_000), []
    chunks = Chunks("m")
    for payload in (
        chunks.choice({"content": "x"}, "stop"),
        chunks.chunk(choices=[], usage=SO_FAR),
        chunks.chunk(choices=[], usage=nonsense),
    ):
        answer.add(payload, out)
    usage = answer.finish(out).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (500, 40)
