"""A run from its start to its one end: every way it can go."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from playground.runs import services
from playground.runs.engine import Engine
from playground.runs.events import RunFinished, RunRetrying, RunStarted, TextDelta
from playground.runs.models import Run, RunPiece, RunStatus
from playground.runs.outcomes import interrupt_abandoned
from tests.fake_openai import End, Reply


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def started(run):
    """Return once the first text of `run` is in the log."""
    async with asyncio.timeout(20):
        async for batch in services.follow(run.uuid):
            if text_of(batch.events):
                return


async def test_an_answer_is_streamed_and_kept(ask, ended, fake, source):
    fake.play(Reply.text("Because it is so.", usage={"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}))
    events, run = await ended(await ask())
    assert text_of(events) == run.text == "Because it is so."
    assert isinstance(events[0], RunStarted)
    assert events[-1] == RunFinished(RunStatus.COMPLETED)
    assert (run.status, run.finish_reason) == (RunStatus.COMPLETED, "stop")
    assert (run.prompt_tokens, run.completion_tokens, run.is_estimated) == (3, 5, False)
    assert run.first_token_ms is not None
    assert run.duration_ms >= run.first_token_ms
    assert run.response["object"] == "chat.completion"
    assert run.response["choices"][0]["message"]["content"] == "Because it is so."
    assert source.ended == [(RunStatus.COMPLETED, "Because it is so.")]


async def test_without_streaming_the_same_answer_comes_whole(ask, ended, fake):
    fake.play(Reply.text("All at once."))
    events, run = await ended(await ask(stream=False))
    assert text_of(events) == run.text == "All at once."
    assert fake.last.json["stream"] is False


async def test_a_stopped_run_keeps_the_text_that_arrived_and_leaves_the_upstream(ask, ended, fake):
    fake.play(Reply.text(["One ", "two ", "three"], usage=None).hold_after(2))
    run = await ask()
    await started(run)
    await sync_to_async(services.stop_run)(run)
    events, run = await ended(run)
    assert run.status == RunStatus.STOPPED
    assert run.text == text_of(events)
    assert run.text.startswith("One ")
    assert "three" not in run.text
    assert run.is_estimated
    assert run.completion_tokens > 0
    await asyncio.to_thread(fake.wait_for_disconnects)


async def test_a_run_stopped_before_its_first_token_is_stopped(ask, ended, fake):
    fake.play(Reply.text("never").hold_after(-1))
    run = await ask()
    await asyncio.to_thread(fake.wait_for_requests)
    await sync_to_async(services.stop_run)(run)
    _events, run = await ended(run)
    assert (run.status, run.text) == (RunStatus.STOPPED, "")


@pytest.mark.parametrize("end", [End.CUT, End.RESET])
async def test_a_stream_that_breaks_keeps_its_text_and_says_so(ask, ended, fake, end):
    fake.play(Reply.cut("Half an ans", end=end))
    events, run = await ended(await ask())
    assert run.status == RunStatus.FAILED
    assert run.text == text_of(events) == "Half an ans"
    assert run.error["advice"] == "continue"
    assert run.error["message"]
    assert events[-1].error == run.error


async def test_an_error_reply_is_kept_with_its_fields(ask, ended, fake):
    fake.play(Reply.error(400, "No such thing.", param="temperature", code="invalid_value"))
    _events, run = await ended(await ask())
    assert run.status == RunStatus.FAILED
    assert run.error["message"] == "No such thing."
    assert (run.error["param"], run.error["code"], run.error["status"]) == ("temperature", "invalid_value", 400)
    assert run.prompt_tokens is None


async def test_trouble_before_the_first_token_is_retried_visibly(ask, ended, fake):
    fake.play(Reply.error(503, headers={"retry-after-ms": "1"}), Reply.text("Better."))
    events, run = await ended(await ask())
    assert (run.status, run.text) == (RunStatus.COMPLETED, "Better.")
    assert [event.attempt for event in events if isinstance(event, RunRetrying)] == [2]
    assert len(fake.completions) == 2


async def test_a_renamed_field_is_learnt_once_per_provider(ask, ended, fake, model):
    refusal = Reply.error(
        400,
        "Unsupported parameter: 'max_completion_tokens' is not supported with this model. Use 'max_tokens' instead.",
        param="max_completion_tokens",
        code="unsupported_parameter",
    )
    fake.play(refusal, Reply.text("Fine."), Reply.text("Fine again."))
    _events, run = await ended(await ask(max_completion_tokens=9))
    assert run.text == "Fine."
    assert fake.last.json["max_tokens"] == 9
    await ended(await ask(max_completion_tokens=9))
    assert len(fake.completions) == 3


async def test_what_a_checkpoint_saved_survives_the_death_of_its_process(ask, fake, engine, source):
    fake.play(Reply.text(["Saved ", "text"]).hold_after(1))
    run = await ask()
    await started(run)
    async with asyncio.timeout(20):
        while not await RunPiece.objects.filter(run=run).aexists():
            await asyncio.sleep(0.05)
    # Another process finds the lease expired.
    await Run.objects.filter(pk=run.pk).aupdate(lease_owner="a dead process")
    from django.db.models import Q

    assert await sync_to_async(interrupt_abandoned)(~Q(lease_owner=engine.process_id)) == 1
    row = await Run.objects.aget(pk=run.pk)
    assert (row.status, row.text) == (RunStatus.INTERRUPTED, "Saved ")
    assert not await RunPiece.objects.filter(run=run).aexists()
    assert source.ended == [(RunStatus.INTERRUPTED, "Saved ")]
    # The late worker cannot overwrite what was decided.
    fake.reset()
    async with asyncio.timeout(20):
        while run.uuid in engine.carried():
            await asyncio.sleep(0.02)
    row = await Run.objects.aget(pk=run.pk)
    assert (row.status, row.text) == (RunStatus.INTERRUPTED, "Saved ")


async def test_draining_interrupts_what_is_left_with_its_text(ask, fake, engine):
    fake.play(Reply.text(["Some ", "text"]).hold_after(1))
    run = await ask()
    await started(run)
    await engine.stop(drain_s=0.05)
    row = await Run.objects.aget(pk=run.pk)
    assert (row.status, row.text) == (RunStatus.INTERRUPTED, "Some ")
    assert not engine.can_accept


async def test_stopping_gives_up_an_end_that_the_database_refuses(ask, fake, engine, source, monkeypatch):
    monkeypatch.setattr("playground.runs.engine.LAST_WRITES_S", 0.1)
    source.refuses = True
    fake.play(Reply.text(["Some ", "text"]).hold_after(1))
    run = await ask()
    await started(run)
    async with asyncio.timeout(20):
        await engine.stop(drain_s=0.05)
    row = await Run.objects.aget(pk=run.pk)
    assert row.status == RunStatus.STREAMING, "the next start interrupts it"


async def test_draining_waits_for_runs_that_end_in_time(ask, fake, engine):
    reply = fake.play(Reply.text(["Some ", "text"]).hold_after(1))
    run = await ask()
    await started(run)
    stopping = asyncio.create_task(engine.stop(drain_s=20))
    await asyncio.sleep(0)
    reply.release()
    await stopping
    row = await Run.objects.aget(pk=run.pk)
    assert (row.status, row.text) == (RunStatus.COMPLETED, "Some text")


async def test_runs_wait_their_turn_and_are_all_answered(ask, ended, fake, engine):
    from playground.runs.admission import Admission

    engine.admission = Admission(places=2, waiting=50)
    runs = [await ask() for _ in range(10)]
    results = await asyncio.gather(*(ended(run) for run in runs))
    assert {row.status for _events, row in results} == {RunStatus.COMPLETED}


async def test_the_same_request_id_is_one_run(engine, alice, model):
    def twice():
        first = services.create_run(owner=alice, source="test", model=model, request_id="a", request={}, receipt={})
        with pytest.raises(services.DuplicateRequest) as caught:
            services.create_run(owner=alice, source="test", model=model, request_id="a", request={}, receipt={})
        return first, caught.value.run

    first, again = await sync_to_async(twice)()
    assert first.pk == again.pk


async def test_two_readers_and_a_late_one_get_the_same_text(ask, ended, fake):
    fake.play(Reply.text("All of them the same."))
    run = await ask()
    one, two = await asyncio.gather(ended(run), ended(run))
    late, _row = await ended(run)
    assert text_of(one[0]) == text_of(two[0]) == text_of(late) == "All of them the same."


async def test_an_accepted_run_waits_for_a_database_that_is_away(ask, ended, fake, source, monkeypatch):
    monkeypatch.setattr("playground.runs.engine.DATABASE_RETRY_S", 0.01)
    source.refusals = 3
    fake.play(Reply.text("At last."))
    _events, run = await ended(await ask())
    assert (run.status, run.text) == (RunStatus.COMPLETED, "At last.")
    assert len(fake.completions) == 1


async def test_an_end_without_usage_waits_for_a_database_that_is_away(ask, ended, fake, source, monkeypatch):
    """The tokens are counted then, which asks for the prompt."""
    monkeypatch.setattr("playground.runs.engine.DATABASE_RETRY_S", 0.01)
    reply = fake.play(Reply.text("One two", usage=None).hold_after(1))
    run = await ask()
    await asyncio.to_thread(reply.wait_held)
    source.refusals = 3
    reply.release()
    _events, run = await ended(run)
    assert (run.status, run.text) == (RunStatus.COMPLETED, "One two")
    assert run.is_estimated
    assert run.prompt_tokens
    assert source.refusals == 0


async def test_shutdown_does_not_wait_for_such_an_end(ask, fake, engine, source):
    fake.play(Reply.text(["One ", "two"], usage=None).hold_after(1))
    run = await ask()
    await started(run)
    source.refusals = 1_000_000
    async with asyncio.timeout(20):
        await engine.stop(drain_s=0)
    run = await Run.objects.aget(pk=run.pk)
    assert (run.status, run.text) == (RunStatus.INTERRUPTED, "One ")


async def test_a_run_that_waits_for_the_database_can_be_stopped(ask, ended, fake, source):
    source.refusals = 1_000_000
    run = await ask()
    await sync_to_async(services.stop_run)(run)
    _events, run = await ended(run)
    assert (run.status, run.text) == (RunStatus.STOPPED, "")
    assert fake.completions == []


async def test_a_model_that_needs_a_key_is_not_called(ask, ended, fake, model):
    from playground.catalog.models import Provider

    await Provider.objects.aupdate(requires_key=True)
    _events, run = await ended(await ask())
    assert run.status == RunStatus.FAILED
    assert "API key" in run.error["message"]
    assert fake.completions == []


def test_an_engine_whose_loop_was_closed_takes_nothing_and_breaks_nothing(settings):
    async def begin() -> Engine:
        engine = Engine()
        engine.start()
        return engine

    engine = asyncio.run(begin())  # ends without stop(), as a server does that is torn down
    assert not engine.is_running
    engine.request_stop(uuid4())
    engine._writer.stop()
