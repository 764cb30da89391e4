"""A sweep from its start to its end, against a model server that does what model servers do."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from asgiref.sync import sync_to_async

from playground.chat.models import Message
from playground.compare.models import Cell, CellState, Square, Sweep, SweepState
from playground.compare.sweeps.acting import pause_sweep, resume_sweep, run_again, set_cap, stop_sweep
from playground.compare.sweeps.driving import Drivers
from playground.compare.sweeps.plan import Axis
from playground.lib.tasks import end_tasks
from playground.runs.models import Run
from tests.compare.sweeps.conftest import states, until, until_rests
from tests.fake_openai import Reply


def held(count: int) -> list[Reply]:
    """Answers that stop after their first word."""
    return [Reply.text(["One ", "two"]).hold_after(1) for _number in range(count)]


def said(text: str, count: int) -> list[Reply]:
    return [Reply.text(text, usage=USAGE) for _number in range(count)]


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


async def test_every_cell_is_answered_with_its_own_setting(start, drivers, fake):
    fake.play(*said("Because.", 20))
    sweep = await until_rests(await start(repeats=2, concurrency=3))
    assert sweep.state == SweepState.DONE
    assert await states(sweep) == [CellState.DONE] * 6
    sent = sorted(request.json["temperature"] for request in fake.completions)
    assert sent == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    squares = [square async for square in Square.objects.filter(sweep=sweep)]
    assert [square.figures["text"] for square in squares] == ["Because."] * 3
    assert all(square.figures["distinct"] == 1 and square.figures["identical"] == 1 for square in squares)
    assert all(square.revision > 0 for square in squares)


async def test_the_answers_are_siblings_below_one_question_and_nobody_lists_them(start, drivers, alice):
    sweep = await until_rests(await start())
    questions = [one async for one in Message.objects.filter(conversation=sweep.conversation_id, role="user")]
    assert [one.text for one in questions] == ["Why?"]
    answers = [one async for one in Message.objects.filter(conversation=sweep.conversation_id, role="assistant")]
    assert {answer.parent_id for answer in answers} == {questions[0].pk}
    runs = [run async for run in Run.objects.filter(owner=alice)]
    assert {run.source for run in runs} == {"sweep"}


async def test_no_more_run_at_once_than_was_chosen(start, drivers, fake):
    fake.play(*held(10))
    sweep = await start(axes=(Axis("temperature", tuple(number / 10 for number in range(10))),), concurrency=2)
    await asyncio.to_thread(fake.wait_for_requests, 2)
    running = Cell.objects.filter(sweep=sweep, state=CellState.RUNNING)
    await until(lambda: running.count() == 2)
    await asyncio.sleep(0.3)  # time to do wrong
    assert len(fake.completions) == 2
    await sync_to_async(stop_sweep)(sweep=sweep)
    sweep = await until_rests(sweep)
    assert sweep.state == SweepState.STOPPED
    ended = await states(sweep)
    assert ended.count(CellState.STOPPED) == 2
    assert ended.count(CellState.WAITING) == 8
    texts = [one.text async for one in Message.objects.filter(conversation=sweep.conversation_id, role="assistant")]
    assert all(text.startswith("One") for text in texts)


async def test_a_storm_of_429_slows_it_down_and_fails_nothing(start, drivers, fake):
    refusals = [Reply.error(429, "Slow down", headers={"Retry-After": "0"}) for _number in range(12)]
    fake.play(*refusals)
    sweep = await until_rests(await start(repeats=3, concurrency=4))
    assert sweep.state == SweepState.DONE
    assert await states(sweep) == [CellState.DONE] * 9
    assert await Cell.objects.filter(sweep=sweep, attempts__gt=1).aexists()


async def test_a_cell_that_fails_fails_alone_and_can_be_run_again(start, drivers, fake):
    fake.play(Reply.error(400, "No such thing"))
    sweep = await until_rests(await start(concurrency=1))
    assert sweep.state == SweepState.DONE
    assert sorted(await states(sweep)) == [CellState.DONE, CellState.DONE, CellState.FAILED]
    square = await Square.objects.filter(sweep=sweep).order_by("number").afirst()
    assert "No such thing" in square.figures["problem"]
    await sync_to_async(run_again)(sweep=sweep)
    sweep = await until_rests(sweep)
    assert await states(sweep) == [CellState.DONE] * 3
    assert len(fake.completions) == 4


async def test_paused_it_sends_nothing_and_resumed_it_goes_on(start, drivers, fake):
    first = fake.play(*held(1))
    sweep = await start(concurrency=1)
    await asyncio.to_thread(fake.wait_for_requests, 1)
    await sync_to_async(pause_sweep)(sweep=sweep)
    first.release()
    sweep = await until_rests(sweep)
    assert (sweep.state, len(fake.completions)) == (SweepState.PAUSED, 1)
    await sync_to_async(resume_sweep)(sweep=sweep)
    sweep = await until_rests(sweep)
    assert sweep.state == SweepState.DONE
    assert len(fake.completions) == 3


async def test_the_cap_pauses_it_before_it_could_cost_more(start, drivers, fake):
    fake.play(*said("Because.", 20))
    # A run costs at most 8 dollars a million tokens of its 1,000: $0.008 and a bit; really $0.00006.
    sweep = await until_rests(
        await start(repeats=5, concurrency=4, cap=Decimal("0.0002"), parameters={"max_completion_tokens": 10})
    )
    assert sweep.state == SweepState.PAUSED
    assert "The cap is reached" in sweep.reason["message"]
    done = (await states(sweep)).count(CellState.DONE)
    assert 0 < done < 15
    await sync_to_async(set_cap)(sweep=sweep, cap=None)
    await sync_to_async(resume_sweep)(sweep=sweep)
    assert (await until_rests(sweep)).state == SweepState.DONE


async def test_two_processes_never_send_a_cell_twice(start, engine, fake):
    both = [Drivers(is_alone=False), Drivers(owner="another-process", is_alone=False)]
    sweep = await start(repeats=5, concurrency=8)
    tasks = [asyncio.create_task(one.run()) for one in both]
    try:
        await until_rests(sweep)
    finally:
        await end_tasks(tasks)
    assert len(fake.completions) == 15
    assert await Cell.objects.filter(sweep=sweep, attempts=1, state=CellState.DONE).acount() == 15


async def test_a_provider_that_is_away_pauses_it_instead_of_failing_everything(start, drivers, fake, live_model):
    await type(live_model.provider).objects.filter(pk=live_model.provider_id).aupdate(base_url="http://127.0.0.1:9/v1")
    sweep = await until_rests(await start(repeats=20, concurrency=2))
    assert sweep.state == SweepState.PAUSED
    assert "in a row failed" in sweep.reason["message"]
    assert CellState.WAITING in await states(sweep)


async def test_suspended_people_spend_nothing_more(start, drivers, fake, alice):
    first = fake.play(*held(1))
    sweep = await start(concurrency=1)
    await asyncio.to_thread(fake.wait_for_requests, 1)
    await type(alice).objects.filter(pk=alice.pk).aupdate(is_active=False)
    first.release()
    sweep = await until_rests(sweep)
    assert sweep.state == SweepState.PAUSED
    assert len(fake.completions) == 1
    assert await Sweep.objects.filter(pk=sweep.pk, lease_owner="").aexists()
