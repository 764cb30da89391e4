"""T34: two tabs change one thing. The second, which began from an older state, gets 422 with both texts; nothing is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from playground.chat.models import Message
from tests.chat.making import Chat, make_model


@pytest.fixture
def tab(alice) -> Client:
    """Alice's page, asking for fragments."""
    client = Client(headers={"HX-Request": "true"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def chat(alice) -> Chat:
    """A question whose answer is being written."""
    return Chat.begin(alice, make_model("fake-vision", max_images=4), "First")


@pytest.fixture
def queued(chat) -> Message:
    return chat.say("As it was").user_message


def field(html: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', html)
    assert found, f"no field {name}"
    return unescape(found[1])


def text_of(message: Message) -> str:
    message.refresh_from_db()
    return message.text


def test_of_two_edits_of_a_waiting_message_the_second_sees_both_texts(tab, queued):
    url = f"/messages/{queued.uuid}/edit/"
    versions = [field(tab.get(url).text, "version") for _tab in range(2)]
    assert tab.post(url, {"text": "From <one>", "version": versions[0]}).status_code == 200
    refused = tab.post(url, {"text": "From <two>", "version": versions[1]})
    assert refused.status_code == 422
    assert "From &lt;two&gt;</textarea>" in refused.text
    assert '<p class="callout__text">From &lt;one&gt;</p>' in refused.text
    assert "changed in another tab" in refused.text
    assert text_of(queued) == "From <one>"
    # Who has seen both decides.
    assert tab.post(url, {"text": "From both", "version": field(refused.text, "version")}).status_code == 200
    assert text_of(queued) == "From both"


def test_the_form_that_comes_back_for_another_reason_still_knows_what_it_began_with(tab, queued):
    url = f"/messages/{queued.uuid}/edit/"
    version = field(tab.get(url).text, "version")
    tab.post(url, {"text": "From one", "version": version})
    empty = tab.post(url, {"text": " ", "version": version})
    assert empty.status_code == 422
    assert tab.post(url, {"text": "From two", "version": field(empty.text, "version")}).status_code == 422
    assert text_of(queued) == "From one"


def test_the_same_text_from_both_tabs_is_no_conflict(tab, queued):
    url = f"/messages/{queued.uuid}/edit/"
    version = field(tab.get(url).text, "version")
    for _tab in range(2):
        assert tab.post(url, {"text": "The same", "version": version}).status_code == 200
    assert text_of(queued) == "The same"


def test_a_message_that_went_out_meanwhile_keeps_its_text(tab, queued):
    url = f"/messages/{queued.uuid}/edit/"
    version = field(tab.get(url).text, "version")
    Message.objects.filter(pk=queued.pk).update(queued=None)
    tab.post(url, {"text": "Too late", "version": version})
    assert text_of(queued) == "As it was"


def test_edits_of_what_was_sent_stand_beside_each_other(tab, chat):
    question = chat.question
    chat.end("The model's words.")
    answer = chat.answer
    for message in (question, answer):
        url = f"/messages/{message.uuid}/edit/"
        version = field(tab.get(url).text, "version")
        for text in ("From one", "From two"):
            assert tab.post(url, {"text": text, "version": version}).status_code == 200
        siblings = Message.objects.filter(parent=message.parent, role=message.role)
        assert {"From one", "From two", message.text} <= set(siblings.values_list("text", flat=True))


def test_of_two_renames_the_second_sees_both_titles(tab, chat):
    url, before = f"/c/{chat.conversation.uuid}/rename/", chat.conversation.title
    assert tab.post(url, {"title": "One <b>", "before": before}).status_code == 200
    refused = tab.post(url, {"title": "Two <b>", "before": before})
    assert refused.status_code == 422
    assert "“One &lt;b&gt;” meanwhile; yours is “Two &lt;b&gt;”" in refused.text
    assert chat.conversation.title == "One <b>"
    assert tab.post(url, {"title": "Two <b>", "before": field(refused.text, "before")}).status_code == 200
    assert chat.conversation.title == "Two <b>"


def test_without_scripts_the_second_rename_is_refused_with_both_titles(alice_client, chat):
    url, before = f"/c/{chat.conversation.uuid}/rename/", chat.conversation.title
    assert alice_client.post(url, {"title": "One", "before": before}).status_code == 302
    refused = alice_client.post(url, {"title": "Two", "before": before})
    assert refused.status_code == 422
    assert "“One” meanwhile; yours is “Two”" in refused.text
    assert chat.conversation.title == "One"


@pytest.mark.parametrize("is_new", [True, False])
def test_of_two_drafts_the_second_sees_both_texts(tab, chat, is_new):
    where = {"conversation": "" if is_new else str(chat.conversation.uuid)}
    assert tab.post("/draft/", {**where, "text": "From <one>", "version": ""}).status_code == 204
    refused = tab.post("/draft/", {**where, "text": "From <two>", "version": ""})
    assert refused.status_code == 422
    assert ">From &lt;one&gt;</div>" in refused.text
    found = re.search(r'data-version="(\w+)"', refused.text)
    assert found
    assert tab.get("/draft/", where).text == "From <one>"
    assert tab.post("/draft/", {**where, "text": "From both", "version": found[1]}).status_code == 204
    assert tab.get("/draft/", where).text == "From both"


def test_sending_from_one_tab_leaves_the_draft_of_the_other(tab, chat):
    where = {"conversation": str(chat.conversation.uuid)}
    tab.post("/draft/", {**where, "text": "Typed in one", "version": ""})
    message = {"text": "Sent from two", "draft_version": ""}
    assert tab.post(f"/c/{chat.conversation.uuid}/messages/", message).status_code == 200
    assert tab.get("/draft/", where).text == "Typed in one"
