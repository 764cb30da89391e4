"""The page's websocket on the real application: who may follow what, and that nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import re
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from playground.chat import consumers, live
from playground.chat.models import Conversation, Message, Role
from playground.lib.markdown import render
from playground.runs import services
from playground.runs.models import Run
from tests.fake_openai import Reply

ORIGIN = (b"origin", b"http://testserver")


@pytest.fixture
async def engine(engine):
    """The engine; what its answers left in memory goes with it."""
    yield engine
    for answer in list(live._live.values()):
        if answer._drop_timer:
            answer._drop_timer.cancel()
    live._live.clear()


@pytest.fixture
def ask(engine, fake, alice):
    """Alice asks, in a conversation of her own: (conversation, answer)."""

    def make():
        from playground.catalog.models import Model, Provider

        provider, _made = Provider.objects.get_or_create(
            slug="fake", defaults={"name": "Fake", "base_url": fake.base_url, "requires_key": False}
        )
        model, _made = Model.objects.get_or_create(provider=provider, name="fake-chat", defaults={"title": "Fake"})
        run = services.create_run(
            owner=alice,
            source="chat",
            model=model,
            request_id=uuid4().hex,
            request={"model": "fake-chat", "stream": True},
            receipt={},
        )
        conversation = Conversation.objects.create(owner=alice, updated_at=timezone.now())
        question = Message.objects.create(conversation=conversation, role=Role.USER, text="Why?")
        answer = Message.objects.create(conversation=conversation, parent=question, role=Role.ASSISTANT, run=run)
        Conversation.objects.filter(pk=conversation.pk).update(leaf=answer)
        return conversation, answer, run

    async def start():
        conversation, answer, run = await sync_to_async(make)()
        services.start_run(run)
        await asyncio.sleep(0)
        return conversation, answer

    return start


class Page:
    """A page's socket: what it has put together from the frames."""

    def __init__(self, communicator):
        self.communicator = communicator
        self.blocks, self.open_html, self.open_text, self.after = "", "", "", ""
        self.final, self.seqs = None, []

    async def send(self, **command):
        await self.communicator.send_to(text_data=json.dumps(command))

    async def frame(self):
        frame = json.loads(await self.communicator.receive_from(timeout=20))
        self.seqs.append(frame["seq"])
        self.take(frame)
        return frame

    def take(self, frame):
        for target, swap, content in re.findall(
            r'<hx-partial hx-target="#(\w+)-[^"]*" hx-swap="(\w+)">(.*?)</hx-partial>',
            frame.get("content", ""),
            re.DOTALL,
        ):
            if target == "message":
                self.final = content
            else:
                self.blocks = content if swap == "innerHTML" else self.blocks + content
        if shown := frame.get("open"):
            if "html" in shown:
                self.open_html, self.open_text = shown["html"], ""
            self.open_text += shown.get("text", "")
        self.after = frame.get("after", self.after)

    async def read_to_end(self):
        while self.final is None:
            await self.frame()


@pytest.fixture
async def connect(engine):
    from playground.asgi import application

    open_pages = []

    async def start(client, *headers):
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        communicator = WebsocketCommunicator(
            application,
            "/ws/",
            headers=[(b"host", b"testserver"), *(headers or [ORIGIN]), (b"cookie", cookie.encode())],
        )
        connected, code = await communicator.connect(timeout=10)
        page = Page(communicator)
        if connected:
            open_pages.append(communicator)
        return page if connected else code

    yield start
    for communicator in open_pages:
        await communicator.disconnect()


async def closed(page):
    """The code the socket was closed with."""
    while True:
        message = await page.communicator.receive_output(timeout=10)
        if message["type"] == "websocket.close":
            return message["code"]


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
