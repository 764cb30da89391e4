"""Opening a link in one's own playground."""

from __future__ import annotations

import pytest

from playground.chat.models import Attachment, Conversation, Message
from playground.shares.models import Share
from tests.shares.conftest import PASSPHRASE, SYSTEM_PROMPT, url_of

EVERYTHING = ["system_prompt", "images", "receipts", "thinking"]


@pytest.fixture
def link(make, chat) -> Share:
    return make("conversation", chat.conversation.uuid, parts=EVERYTHING)


def take(client, link: Share, request_id: str = "take-1"):
    return client.post(f"{url_of(link)}open/", {"request_id": request_id})


def test_a_conversation_of_ones_own(link, chat, bob, bob_client):
    assert bob_client.get(f"{url_of(link)}open/").status_code == 200
    answer = take(bob_client, link)
    made = Conversation.objects.get(owner=bob)
    assert answer["Location"] == f"/c/{made.uuid}/"
    assert (made.model_name, made.title) == (chat.model.public_name, "A title")
    assert made.parameters == {"system_prompt": SYSTEM_PROMPT, "temperature": 0.3}
    texts = list(Message.objects.filter(conversation=made).order_by("id").values_list("role", "text"))
    assert texts == [
        (one.role, one.text) for one in Message.objects.filter(conversation=chat.conversation).order_by("id")
    ]
    assert not Message.objects.filter(conversation=made, run__isnull=False).exists()
    image = Attachment.objects.get(owner=bob)
    assert image.message.text == "What is *this*?"
    page = bob_client.get(answer["Location"])
    assert page.status_code == 200
    assert bob_client.get(f"/images/{image.uuid}/thumb/").status_code == 200


def test_what_was_left_out_does_not_come_along(make, chat, bob, bob_client):
    take(bob_client, make("conversation", chat.conversation.uuid, parts=[]))
    assert Conversation.objects.get(owner=bob).parameters == {}
    assert not Attachment.objects.filter(owner=bob).exists()


def test_the_same_request_twice_is_one_copy(link, bob, bob_client):
    places = {take(bob_client, link)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Conversation.objects.filter(owner=bob).count() == 1
    assert take(bob_client, link, "take-2")["Location"] not in places


def test_the_request_id_of_somebody_else_is_not_mine(link, bob, alice, bob_client, alice_client):
    assert take(bob_client, link)["Location"] != take(alice_client, link)["Location"]


def test_nobody_takes_without_signing_in(link, visitor_client):
    answer = take(visitor_client, link)
    assert answer["Location"].startswith("/accounts/login/")
    unknown = visitor_client.post("/s/nothing/open/")
    assert unknown["Location"].startswith("/accounts/login/")


def test_nobody_takes_what_does_not_open(make, chat, link, bob, bob_client):
    protected = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    link.revoke()
    for one in (protected, link):
        assert take(bob_client, one).status_code == 404
        assert bob_client.get(f"{url_of(one)}open/").status_code == 404
    assert not Conversation.objects.filter(owner=bob).exists()


def test_what_was_taken_outlives_the_link(link, bob, bob_client):
    take(bob_client, link)
    link.delete()
    image = Attachment.objects.get(owner=bob)
    assert bob_client.get(f"/images/{image.uuid}/thumb/").status_code == 200
