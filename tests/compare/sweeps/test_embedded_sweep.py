"""A real sweep on the built-in model: what a seed and a temperature do, seen in the grid's own figures."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

import playground.embedded.process as embedded
from playground.catalog.models import Model
from playground.compare.models import Square, Sweep, SweepState
from playground.compare.sweeps.plan import Axis, Plan
from playground.compare.sweeps.starting import start_sweep
from tests.compare.sweeps.conftest import until

MODEL = "embedded/SmolLM2-135M-Instruct"
REPEATS = 3


@pytest.fixture
async def built_in(transactional_db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMBEDDED_IS_ON = True
    settings.EMBEDDED_MODEL = ""
    await sync_to_async(call_command)("load_catalog", verbosity=0)
    yield await sync_to_async(Model.objects.select_related("provider").named(MODEL).get)()
    await embedded.stop()


def squares_of(sweep: Sweep) -> list[dict[str, object]]:
    return [square.figures for square in Square.objects.filter(sweep=sweep)]


async def run(alice, **fields) -> list[dict[str, object]]:
    plan = Plan(
        title="",
        text="Write one sentence about the sea.",
        model=MODEL,
        preset="",
        variables={},
        repeats=REPEATS,
        concurrency=1,
        **fields,
    )
    sweep = await sync_to_async(start_sweep)(owner=alice, plan=plan)
    await until(lambda: not Sweep.objects.get(pk=sweep.pk).is_driven)
    assert (await Sweep.objects.aget(pk=sweep.pk)).state == SweepState.DONE
    return await sync_to_async(squares_of)(sweep)


async def test_the_same_seed_gives_identical_answers_and_another_does_not(engine, drivers, alice, built_in):
    parameters = {"temperature": 1.5, "max_completion_tokens": 24}
    squares = await run(alice, parameters=parameters, axes=(Axis("seed", (1, 2)),))
    assert [square["identical"] for square in squares] == [1, 1]
    assert [square["similarity"] for square in squares] == [1, 1]
    assert squares[0]["text"] != squares[1]["text"]


async def test_without_heat_answers_are_identical_and_with_it_they_are_not(engine, drivers, alice, built_in):
    squares = await run(alice, parameters={"max_completion_tokens": 24}, axes=(Axis("temperature", (0, 1.5)),))
    cold, hot = squares
    assert (cold["identical"], cold["distinct"], cold["similarity"]) == (1, 1, 1)
    assert hot["distinct"] > 1
    assert hot["identical"] < 1
    assert hot["similarity"] < 1
