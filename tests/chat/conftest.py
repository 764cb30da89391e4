"""Models to talk to, conversations that went on, and pages that follow live answers."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from playground.catalog.models import Model, Provider
from playground.chat import live
from playground.chat.models import Conversation, Message, Role
from playground.runs import services
from tests.chat.making import Chat, make_model
from tests.chat.sockets import Page


@pytest.fixture
def model(db):
    """It sees images, takes every parameter and has a price."""
    return make_model("fake-vision", max_images=4)


@pytest.fixture
def text_model(db, model):
    """It sees nothing; same provider."""
    return make_model("fake-text", max_images=0)


@pytest.fixture
def chat(alice, model) -> Chat:
    """A conversation of alice's: one question, one answer."""
    chat = Chat.begin(alice, model, "How high is the tide in Brest?")
    chat.end("About **six** metres.")
    return chat


@pytest.fixture
def htmx_client(alice) -> Client:
    """Alice's page, asking for fragments."""
    client = Client(headers={"HX-Request": "true"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


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


@pytest.fixture
async def connect(engine):
    """Open a page's socket on the real application, with the cookies of a client; it is closed after the test."""
    from playground.asgi import application

    open_sockets = []

    async def start(client) -> Page:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = {"host": "testserver", "origin": "http://testserver", "cookie": cookie}
        socket = WebsocketCommunicator(
            application, "/ws/", headers=[(name.encode(), value.encode()) for name, value in headers.items()]
        )
        is_accepted, _protocol = await socket.connect(timeout=10)
        assert is_accepted
        open_sockets.append(socket)
        return Page(socket)

    yield start
    for socket in open_sockets:
        await socket.disconnect()


class Clock:
    """The clock of the running loop, which can be put forward: what waits on the loop goes on as if the time had passed."""

    TURNS = 20  # of the loop, more than it takes for what is due to have its effect

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        tell, self._ahead_s = loop.time, 0.0
        loop.time = lambda: tell() + self._ahead_s  # type: ignore[method-assign]

    async def advance(self, seconds: float) -> None:
        self._ahead_s += seconds
        for _turn in range(self.TURNS):
            await asyncio.sleep(0)


@pytest.fixture
async def clock() -> Clock:
    """It is not set right afterwards: the loop ends with the test, and its timers must not run late until then."""
    return Clock()
