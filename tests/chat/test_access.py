"""Not yours is the same as not there: on every address, and for every id in a body."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.lib.markdown import render
from playground.runs.models import Run
from tests.chat.making import Chat, make_image

CONVERSATION_GETS = ["conversation", "conversation_older", "conversation_news", "conversation_export_json"]
CONVERSATION_GETS += ["conversation_export_markdown"]
CONVERSATION_POSTS = ["post_message", "conversation_rename", "conversation_pin", "conversation_delete"]
CONVERSATION_POSTS += ["conversation_restore"]
MESSAGE_GETS = ["message", "message_text", "message_raw", "message_receipt", "message_edit"]
MESSAGE_POSTS = ["message_edit", "message_retry", "message_select", "message_branch", "message_continue"]
MESSAGE_POSTS += ["message_delete", "message_restore", "message_send_now", "message_unqueue"]
FIELDS = {"text": "Mine now", "title": "Mine now", "model": "fake/fake-vision", "is_pinned": "true"}


def state() -> list:
    """Everything that another person's request could change."""
    return [
        list(Conversation.objects.order_by("id").values()),
        list(Message.objects.order_by("id").values()),
        list(Run.objects.order_by("id").values()),
        list(Attachment.objects.order_by("id").values()),
        list(Draft.objects.order_by("id").values("id", "owner", "text")),
    ]


@pytest.fixture
def target(chat):
    return {"conversation": chat.conversation.uuid, "message": chat.answer.uuid, "run": chat.answer.run.uuid}


@pytest.mark.parametrize("who", ["bob_client", "admin_client"])
@pytest.mark.parametrize(
    ("method", "name", "kind"),
    [
        *[("get", name, "conversation") for name in CONVERSATION_GETS],
        *[("post", name, "conversation") for name in CONVERSATION_POSTS],
        *[("get", name, "message") for name in MESSAGE_GETS],
        *[("post", name, "message") for name in MESSAGE_POSTS],
        ("post", "run_stop", "run"),
    ],
)
def test_what_belongs_to_another_person_is_not_there(  # noqa: PLR0917 - parameters of the table
    request, target, who, method, name, kind
):
    client = request.getfixturevalue(who)
    before = state()
    absent = getattr(client, method)(reverse(name, args=[uuid4()]), FIELDS)
    theirs = getattr(client, method)(reverse(name, args=[target[kind]]), FIELDS)
    assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content)
    assert theirs.status_code == 404
    assert state() == before


def test_ids_in_a_body_are_checked_like_those_in_an_address(bob_client, bob, alice, chat, model):
    mine = Chat.begin(bob, model, "Mine")
    mine.end("Yes.")
    image = make_image(alice)
    url = f"/c/{mine.conversation.uuid}/messages/"
    before = state()
    base = {"text": "Hi", "model": "fake/fake-vision"}
    for field, value in (
        ("parent", chat.answer.uuid),
        ("parent", "not-a-uuid"),
        ("attachments", image.uuid),
        ("attachments", uuid4()),
        ("attachments", "../../etc/passwd"),
    ):
        assert bob_client.post(url, {**base, field: str(value)}).status_code == 404, field
        assert bob_client.post("/c/messages/", {**base, field: str(value)}).status_code == 404, field
    edit = f"/messages/{mine.question.uuid}/edit/"
    assert bob_client.post(edit, {**base, "attachments": str(image.uuid)}).status_code == 404
    for path in ("/draft/", "/estimate/"):
        assert bob_client.post(path, {**base, "conversation": str(chat.conversation.uuid)}).status_code == 404
    estimated = bob_client.post("/estimate/", {**base, "attachments": str(image.uuid)})
    assert estimated.context["estimate"].image_tokens == 0
    assert state() == before


def test_a_visitor_is_sent_to_sign_in(visitor_client, target):
    for name, kind in [("conversation", "conversation"), ("message_raw", "message")]:
        response = visitor_client.get(reverse(name, args=[target[kind]]))
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
    for url in ("/", "/sidebar/", "/search/?q=tide"):
        assert visitor_client.get(url).status_code == 302
    before = state()
    for url in ("/c/messages/", "/draft/", "/c/import/", f"/messages/{target['message']}/delete/"):
        assert visitor_client.post(url, FIELDS).status_code == 302
    assert state() == before


def test_lists_hold_only_ones_own(bob_client, chat):
    assert bob_client.get("/sidebar/").context["sidebar"].is_empty
    assert not bob_client.get("/search/?q=tide").context["hits"]


def test_a_deleted_conversation_is_not_there_for_its_owner_either(alice_client, chat):
    alice_client.post(reverse("conversation_delete", args=[chat.conversation.uuid]))
    for name in CONVERSATION_GETS:
        assert alice_client.get(reverse(name, args=[chat.conversation.uuid])).status_code == 404
    for name in MESSAGE_GETS:
        assert alice_client.get(reverse(name, args=[chat.answer.uuid])).status_code == 404


def test_reading_changes_nothing(alice_client, chat, target):
    before = state()
    for name in CONVERSATION_POSTS:
        assert alice_client.get(reverse(name, args=[target["conversation"]])).status_code == 405
    for name in set(MESSAGE_POSTS) - {"message_edit"}:
        assert alice_client.get(reverse(name, args=[target["message"]])).status_code == 405
    for name in ("post_first_message", "conversation_import", "estimate"):
        assert alice_client.get(reverse(name)).status_code == 405
    assert alice_client.get(reverse("run_stop", args=[target["run"]])).status_code == 405
    assert alice_client.get(reverse("draft")).status_code == 200
    assert state() == before


def test_posts_need_a_token(alice, chat):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    before = state()
    for url in (
        "/c/messages/",
        "/draft/",
        f"/c/{chat.conversation.uuid}/delete/",
        f"/messages/{chat.answer.uuid}/retry/",
    ):
        assert client.post(url, FIELDS).status_code == 403
    assert state() == before


MASS = {
    "owner": "1",
    "owner_id": "1",
    "user": "1",
    "uuid": str(uuid4()),
    "id": "1",
    "title": "Not a title",
    "role": "assistant",
    "status": "completed",
    "source": "api",
    "is_pinned": "true",
    "deleted_at": "2020-01-01",
    "created_at": "2020-01-01",
    "updated_at": "2020-01-01",
    "leaf": "1",
    "run": "1",
    "continues": "1",
    "is_edited": "true",
    "queued": "{}",
    "html": "<script>",
    "html_version": "1",
    "reasoning": "x",
    "cost": "0",
    "prompt_tokens": "0",
    "completion_tokens": "0",
    "base_url": "http://evil.example",
    "api_key": "sk-x",
    "api_base": "http://evil.example",
    "provider": "x",
    "messages": "[]",
    "lease_owner": "x",
    "is_staff": "true",
    "price": "0",
}


def test_fields_that_no_form_has_are_ignored(alice_client, alice, bob, model):
    answer = alice_client.post("/c/messages/", {**MASS, "text": "Hi", "model": "fake/fake-vision"})
    assert answer.status_code == 302
    conversation, run = Conversation.objects.get(), Run.objects.get()
    question, reply = conversation.messages.order_by("id")
    assert (conversation.owner, conversation.title, conversation.is_pinned) == (alice, "Hi", False)
    assert (question.role, question.text, question.queued) == ("user", "Hi", None)
    assert question.html == render("Hi")
    assert (run.owner, run.status, run.source, run.prompt_tokens) == (alice, "queued", "chat", None)
    assert set(run.request) <= {"model", "stream", "stream_options"}
    assert conversation.created_at.year > 2020
    alice_client.post(f"/c/{conversation.uuid}/rename/", {**MASS, "title": "Renamed"})
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.title, conversation.is_pinned) == (alice, "Renamed", False)
    alice.refresh_from_db()
    assert not alice.is_staff
    assert reply.run == run


@pytest.mark.parametrize("text", ["a\x00b", "\x00"])
def test_nul_is_422_everywhere(alice_client, chat, text):
    uuid = chat.conversation.uuid
    for url in ("/c/messages/", f"/c/{uuid}/messages/", f"/messages/{chat.question.uuid}/edit/", "/draft/"):
        assert alice_client.post(url, {"text": text, "model": "fake/fake-vision"}).status_code == 422, url
    assert alice_client.post(f"/c/{uuid}/rename/", {"title": text}).status_code == 422
    assert alice_client.post("/c/messages/", {"text": "Hi", "model": text}).status_code == 422
    assert (
        alice_client.post("/c/messages/", {"text": "Hi", "request_id": text, "model": "fake/fake-vision"}).status_code
        == 422
    )
    assert alice_client.get("/search/", {"q": text}).status_code == 400
