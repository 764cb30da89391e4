"""The page's websocket on the real application: who may follow what, and that nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from playground.chat import consumers
from playground.lib.markdown import render
from playground.runs import services
from playground.runs.models import Run
from tests.chat.sockets import closed
from tests.fake_openai import Reply

TEXT = "# Title\n\nA paragraph with **strong** words.\n\n- one\n- two\n\n```python\nprint(1)\n```\n\nThe end."


async def test_an_answer_arrives_block_by_block_and_ends_as_the_page_would_show_it(ask, connect, alice_client, fake):
    fake.play(Reply.text(TEXT))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    await page.read_to_end()
    assert str(render(TEXT)).replace("\n", "") in page.final.replace("\n", "")
    assert f'id="message-{answer.uuid}"' in page.final
    assert page.seqs == sorted(set(page.seqs))


async def test_a_page_that_lost_its_socket_resumes_where_it_was(ask, connect, alice_client, fake):
    reply = fake.play(Reply.text([TEXT[:60], TEXT[60:100], TEXT[100:]]).hold_after(1).hold_after(2))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    while "Title" not in page.blocks:
        await page.frame()
    await page.communicator.disconnect()
    reply.release()
    again = await connect(alice_client)
    again.blocks, again.after = page.blocks, page.after
    await again.send(type="follow", run=str(answer.run.uuid), after=page.after)
    reply.release()
    await again.read_to_end()
    assert again.blocks.count("<h1") == 1
    assert (await Run.objects.aget(message=answer)).text == TEXT


async def test_a_second_page_that_joins_late_gets_everything(ask, connect, alice_client, fake):
    reply = fake.play(Reply.text([TEXT[:60], TEXT[60:]]).hold_after(1))
    _conversation, answer = await ask()
    first = await connect(alice_client)
    await first.send(type="follow", run=str(answer.run.uuid), after="")
    while "Title" not in first.blocks:
        await first.frame()
    second = await connect(alice_client)
    await second.send(type="follow", run=str(answer.run.uuid), after="")
    while "Title" not in second.blocks:
        await second.frame()
    reply.release()
    await asyncio.gather(first.read_to_end(), second.read_to_end())
    assert first.final == second.final


async def test_following_a_run_that_has_ended_gives_the_message(ask, connect, alice_client, fake, engine):
    fake.play(Reply.text(TEXT))
    _conversation, answer = await ask()
    async with asyncio.timeout(20):
        async for _batch in services.follow(answer.run.uuid):
            pass
    engine.log.forget(answer.run.uuid)
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="3.0")
    await page.read_to_end()
    assert "The end." in page.final


async def test_a_closed_page_changes_nothing_about_the_run(ask, connect, alice_client, fake, engine):
    reply = fake.play(Reply.text(["One ", "two"]).hold_after(1))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    await page.frame()
    await page.communicator.disconnect()
    reply.release()
    async with asyncio.timeout(20):
        async for _batch in services.follow(answer.run.uuid):
            pass
    assert (await Run.objects.aget(message=answer)).text == "One two"


async def test_a_stranger_cannot_follow(ask, connect, bob_client, admin_client, fake):
    reply = fake.play(Reply.text(["secret ", "text"]).hold_after(1))
    conversation, answer = await ask()
    for client in (bob_client, admin_client):
        page = await connect(client)
        await page.send(type="follow", run=str(answer.run.uuid), after="")
        assert await closed(page) == 4404
        page = await connect(client)
        await page.send(type="watch", conversation=str(conversation.uuid))
        assert await closed(page) == 4404
    reply.release()


async def test_what_does_not_exist_looks_the_same(connect, alice_client, engine):
    page = await connect(alice_client)
    await page.send(type="follow", run=str(uuid4()), after="")
    assert await closed(page) == 4404


async def test_a_visitor_gets_no_socket(connect, visitor_client, engine):
    page = await connect(visitor_client)
    assert await closed(page) == 4401


async def test_a_session_that_has_ended_gets_nothing_more(ask, connect, alice_client, fake):
    fake.play(Reply.text(TEXT))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await sync_to_async(alice_client.logout)()
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    assert await closed(page) == 4401


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"type":"stop"}', '{"type":"ack","seq":-1}'])
async def test_a_frame_that_is_no_command_closes_the_socket(connect, alice_client, engine, text):
    page = await connect(alice_client)
    await page.communicator.send_to(text_data=text)
    assert await closed(page) == 4400


async def test_a_flood_of_frames_closes_the_socket(connect, alice_client, engine):
    page = await connect(alice_client)
    for _ in range(consumers.FRAMES_PER_S * 3):
        await page.send(type="ack", seq=1)
    assert await closed(page) == 4429


async def test_an_open_page_hears_that_its_conversation_changed(ask, connect, alice_client, fake):
    from playground.chat.hints import conversation_changed

    conversation, _answer = await ask()
    page = await connect(alice_client)
    await page.send(type="watch", conversation=str(conversation.uuid))
    async with asyncio.timeout(10):
        while await page.communicator.receive_nothing(timeout=0.2):  # until the watch has been taken
            conversation_changed(conversation.uuid)
    assert (await page.frame())["conversation"] == str(conversation.uuid)


async def test_a_page_that_comes_just_after_the_end_gets_the_message(ask, connect, alice_client, fake):
    fake.play(Reply.text(TEXT))
    _conversation, answer = await ask()
    first = await connect(alice_client)
    await first.send(type="follow", run=str(answer.run.uuid), after="")
    await first.read_to_end()
    await first.communicator.disconnect()
    late = await connect(alice_client)
    await late.send(type="follow", run=str(answer.run.uuid), after="0.0")
    await late.read_to_end()
    assert late.final == first.final


async def test_the_first_token_is_timed_while_the_answer_is_live(ask, connect, alice_client, fake):
    reply = fake.play(Reply.text(["One ", "two"]).hold_after(1))
    _conversation, answer = await ask()
    page = await connect(alice_client)
    await page.send(type="follow", run=str(answer.run.uuid), after="")
    meta = {}
    while meta.get("state") != "streaming":
        meta = (await page.frame()).get("meta", meta)
    assert meta["first_token_ms"] >= 0
    reply.release()


async def test_a_server_that_goes_down_tells_its_pages_to_come_back(connect, alice_client, engine):
    pages = [await connect(alice_client) for _ in range(3)]
    await consumers.close_all_sockets()
    assert [await closed(page) for page in pages] == [1012, 1012, 1012]
