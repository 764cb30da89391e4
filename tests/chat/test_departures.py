"""Pages of whoever may not be here any more are closed: by a hint at once, and by a look at the database when that is lost."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from playground.accounts.people import suspend
from playground.chat import departures
from playground.runs.models import Run, RunStatus
from tests.chat.sockets import closed
from tests.fake_openai import Reply

GONE = 4401


async def test_a_suspended_persons_page_is_closed_and_their_answer_stops(ask, connect, alice, alice_client, fake):
    reply = fake.play(Reply.text(["One ", "two"]).hold_after(1))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    while "One" not in page.open_html + page.open_text:
        await page.frame()
    await sync_to_async(suspend)(alice)
    assert await closed(page) == GONE
    async with asyncio.timeout(20):
        while (await Run.objects.aget(message=answer)).is_active:
            await asyncio.sleep(0.05)
    run = await Run.objects.aget(message=answer)
    assert (run.status, run.text) == (RunStatus.STOPPED, "One ")
    reply.release()
    again = await connect(alice_client)
    assert await closed(again) == GONE


async def test_other_peoples_pages_stay(connect, alice, alice_client, bob_client, engine):
    hers, his = await connect(alice_client), await connect(bob_client)
    await sync_to_async(suspend)(alice)
    assert await closed(hers) == GONE
    assert await his.communicator.receive_nothing()


def lose_hints(monkeypatch) -> None:
    async def nothing(kind, text):
        pass

    monkeypatch.setattr("playground.runs.announcements.deliver", nothing)


@pytest.mark.parametrize("how", ["suspended", "deleted", "another password"])
async def test_without_the_hint_the_database_tells_in_seconds(  # noqa: PLR0917 - fixtures
    how, connect, alice, alice_client, bob_client, monkeypatch
):
    lose_hints(monkeypatch)
    monkeypatch.setattr(departures, "LOOK_EVERY_S", 0.05)
    hers, his = await connect(alice_client), await connect(bob_client)

    def go() -> None:
        if how == "suspended":
            suspend(alice)
        elif how == "deleted":
            alice.delete()
        else:
            alice.set_password("another one that is long")
            alice.save()

    await sync_to_async(go)()
    assert await closed(hers) == GONE
    assert await his.communicator.receive_nothing()


def test_five_seconds_are_promised():
    assert departures.LOOK_EVERY_S < 5
