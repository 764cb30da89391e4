"""Models to talk to, and conversations that went on."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.chat.making import Chat, make_model


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
