"""A conversation of alice's, with words that nobody else may read."""

from __future__ import annotations

import pytest

from tests.accounts.people import client_of, make_admin, make_reviewer
from tests.chat.making import Chat, make_image, make_model

SECRET_WORDS = "the combination is 7319"


@pytest.fixture
def chat(alice) -> Chat:
    model = make_model("fake-vision", max_images=4)
    image = make_image(alice)
    chat = Chat.begin(alice, model, f"Remember: {SECRET_WORDS}", attachment_uuids=[image.uuid])
    chat.end(f"I will remember that {SECRET_WORDS}.")
    chat.say("Something else entirely")
    chat.end("Of course.")
    return chat


@pytest.fixture
def reviewer_client(db):
    return client_of(make_reviewer())


@pytest.fixture
def other_admin_client(db):
    return client_of(make_admin())
