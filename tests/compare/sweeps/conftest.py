"""Sweeps of alice's against the fake model server, driven as the server drives them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from playground.catalog.models import Model
from playground.compare.models import Cell, Sweep
from playground.compare.sweeps.driving import Drivers
from playground.compare.sweeps.plan import Axis, Plan
from playground.compare.sweeps.starting import start_sweep
from playground.lib.tasks import end_tasks
from tests.chat.making import make_model

WAIT_S = 60


def make_plan(model: Model, **fields: Any) -> Plan:
    """Three temperatures, unless told otherwise."""
    known: dict[str, Any] = {
        "title": "",
        "text": "Why?",
        "model": model.public_name,
        "preset": "",
        "parameters": {},
        "variables": {},
        "axes": (Axis("temperature", (0.0, 0.5, 1.0)),),
    }
    return Plan(**{**known, **fields})


@pytest.fixture
def model(db):
    return make_model("fake-chat")


@pytest.fixture
def live_model(transactional_db, fake):
    """Behind it the fake server really answers."""
    return make_model("fake-chat", base_url=fake.base_url)


@pytest.fixture
def sweep(alice, model) -> Sweep:
    """It has three cells, and nobody drives it."""
    return start_sweep(owner=alice, plan=make_plan(model))


@pytest.fixture
async def drivers(engine):
    """What drives the sweeps of this process."""
    made = Drivers()
    task = asyncio.create_task(made.run())
    yield made
    await end_tasks([task])


@pytest.fixture
def start(engine, alice, live_model):
    """Start a sweep of alice's; drive it with the fixture `drivers`."""

    async def begin(**fields: Any) -> Sweep:
        return await sync_to_async(start_sweep)(owner=alice, plan=make_plan(live_model, **fields))

    return begin


async def until(is_so: Callable[[], bool]) -> None:
    """Asks the database until it holds."""
    async with asyncio.timeout(WAIT_S):
        while not await sync_to_async(is_so)():
            await asyncio.sleep(0.02)


async def until_rests(sweep: Sweep) -> Sweep:
    """Until nothing of it goes on any more."""
    await until(lambda: not Sweep.objects.get(pk=sweep.pk).is_driven)
    return await Sweep.objects.aget(pk=sweep.pk)


async def states(sweep: Sweep) -> list[str]:
    return [state async for state in Cell.objects.filter(sweep=sweep).values_list("state", flat=True)]
