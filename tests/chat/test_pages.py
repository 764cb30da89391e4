"""The pages and fragments: each answers, with what it promises to the templates."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from playground.chat.models import Conversation, Draft, Message
from playground.runs.models import Run, RunStatus
from tests.chat.making import Chat


def test_a_new_chat_opens_without_any_model(alice_client, alice):
    response = alice_client.get("/")
    assert response.status_code == 200
    assert response.context["page"].model is None


def test_a_new_chat_chooses_the_persons_default(alice_client, alice, model, text_model):
    alice.default_model = "fake/fake-text"
    alice.default_parameters = {"temperature": 0.2}
    alice.save()
    page = alice_client.get("/").context["page"]
    assert page.model == text_model
    assert page.parameters == {"temperature": 0.2}


def test_the_conversation_page_shows_messages_and_figures(alice_client, chat):
    response = alice_client.get(f"/c/{chat.conversation.uuid}/")
    page = response.context["page"]
    question, answer = page.messages
    assert (question.author, answer.author) == ("You", "fake/fake-vision")
    assert "<strong>six</strong>" in answer.html
    assert answer.run.tokens_per_second == 100
    assert str(answer.run.cost) == "0.00057"
    assert answer.is_last
    assert "<strong>six</strong>" in response.content.decode()


def test_a_first_message_by_a_plain_form_leads_to_the_conversation(alice_client, model):
    response = alice_client.post("/c/messages/", {"text": "Hi", "model": "fake/fake-vision"})
    assert response.status_code == 302
    conversation = Conversation.objects.get()
    assert response["Location"] == f"/c/{conversation.uuid}/"


def test_a_first_message_by_htmx_leads_to_the_conversation(htmx_client, model):
    response = htmx_client.post("/c/messages/", {"text": "Hi", "model": "fake/fake-vision"})
    assert response["HX-Redirect"] == f"/c/{Conversation.objects.get().uuid}/"


def test_without_a_model_in_the_form_the_conversations_own_settings_hold(alice_client, chat):
    chat.say("More", parameters={"temperature": 0.3})
    chat.end("Fine")
    alice_client.post(f"/c/{chat.conversation.uuid}/messages/", {"text": "Again"})
    run = Run.objects.order_by("-id").first()
    assert run.request["temperature"] == 0.3


def test_posting_by_htmx_answers_only_what_is_new(htmx_client, chat):
    url = f"/c/{chat.conversation.uuid}/messages/"
    response = htmx_client.post(url, {"text": "Next", "model": "fake/fake-vision", "parent": str(chat.answer.uuid)})
    page = response.context["page"]
    assert [message.text for message in page.messages] == ["Next", ""]
    assert page.messages[1].is_live
    assert page.live_run == Run.objects.order_by("-id").first().uuid
    assert page.draft.text == ""
    assert page.leaf_uuid == page.messages[-1].uuid


@pytest.mark.parametrize("place", ["first", "next"])
def test_a_bad_field_is_422_with_the_input_kept(htmx_client, alice_client, chat, place):
    url = "/c/messages/" if place == "first" else f"/c/{chat.conversation.uuid}/messages/"
    fields = {"text": "Keep this", "model": "fake/fake-vision", "temperature": "7"}
    for client in (htmx_client, alice_client):
        response = client.post(url, fields)
        assert response.status_code == 422
        assert [error.field for error in response.context["page"].errors] == ["temperature"]
        assert "Keep this" in response.content.decode()
        assert Draft.objects.get(conversation=None if place == "first" else chat.conversation).text == "Keep this"


def test_older_messages_come_in_batches(alice_client, alice, model):
    from tests.chat.making import make_long_conversation

    conversation = make_long_conversation(alice, model, 120)
    page = alice_client.get(f"/c/{conversation.uuid}/").context["page"]
    assert len(page.messages) == 30
    assert page.has_older
    assert page.message_count == 120
    older = alice_client.get(page.older_url).context["page"]
    assert [message.text.split()[1] for message in older.messages] == [str(number) for number in range(60, 90)]
    oldest = alice_client.get(older.older_url).context["page"]
    oldest = alice_client.get(oldest.older_url).context["page"]
    assert len(oldest.messages) == 30
    assert not oldest.has_older


def test_news_are_what_came_after(alice_client, chat):
    seen = chat.answer
    chat.say("From the other tab")
    page = alice_client.get(f"/c/{chat.conversation.uuid}/news/?after={seen.uuid}").context["page"]
    assert [message.text for message in page.messages] == ["From the other tab", ""]
    assert not page.is_reset


def test_news_of_another_branch_replace_the_thread(alice_client, chat):
    from playground.chat.services.editing import edit_message

    seen = chat.answer
    edit_message(owner=chat.owner, message=chat.question, text="Another question")
    page = alice_client.get(f"/c/{chat.conversation.uuid}/news/?after={seen.uuid}").context["page"]
    assert page.is_reset
    assert page.messages[0].text == "Another question"


def test_a_stopped_answer_can_be_continued_and_a_whole_one_cannot(alice_client, chat):
    assert not alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"].messages[-1].can_continue
    chat.say("More")
    chat.end("Half an ans", RunStatus.STOPPED)
    assert alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"].messages[-1].can_continue
    chat.say("More")
    chat.end("Out of tok", finish_reason="length")
    assert alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"].messages[-1].can_continue


@pytest.mark.parametrize(("reason", "says"), [("stop", "The answer is empty"), ("tool_calls", "called a tool")])
def test_an_answer_without_a_word_says_why(alice_client, chat, reason, says):
    chat.say("More")
    chat.end("", finish_reason=reason)
    assert says in alice_client.get(f"/c/{chat.conversation.uuid}/").content.decode()


def test_a_failed_answer_says_what_to_do(alice_client, chat):
    chat.say("More")
    chat.end("", RunStatus.FAILED)
    shown = alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"].messages[-1]
    assert shown.run.error["message"] == "It broke."
    assert "Retry" in shown.run.error["advice"]


def test_images_that_the_chosen_model_cannot_see_are_warned_of_and_what_was_seen_is_not_denied(
    alice_client, alice, model, text_model
):
    from tests.chat.making import make_image

    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid])
    chat.end("Red.")
    chat.say("And now?", model_name="fake/fake-text")
    page = alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"]
    assert page.messages[0].omitted_images == 0
    assert page.warnings
    chat.end("Yes.")
    answer = alice_client.post(
        f"/c/{chat.conversation.uuid}/messages/",
        {"text": "Still?", "model": "fake/fake-text", "parent": str(chat.answer.uuid)},
        headers={"HX-Request": "true"},
    )
    assert answer.context["page"].warnings, "the images are above what is new, and still left out"


def test_one_message_comes_as_a_fragment(htmx_client, chat):
    response = htmx_client.get(reverse("message", args=[chat.answer.uuid]))
    assert response.content.decode().strip().startswith("<article")


def test_the_text_for_copying_is_the_markdown_itself(alice_client, chat):
    response = alice_client.get(reverse("message_text", args=[chat.answer.uuid]))
    assert response.content.decode() == "About **six** metres."
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_drafts_survive_a_reload(alice_client, chat):
    alice_client.post("/draft/", {"text": "new", "conversation": ""})
    alice_client.post("/draft/", {"text": "old", "conversation": str(chat.conversation.uuid)})
    assert alice_client.get("/").context["page"].draft.text == "new"
    assert alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"].draft.text == "old"


def test_every_fragment_renders(htmx_client, chat):
    uuid, answer = chat.conversation.uuid, chat.answer.uuid
    for url in (
        "/sidebar/",
        "/search/?q=tide",
        f"/c/{uuid}/older/?before={answer}",
        f"/c/{uuid}/news/?after={answer}",
        f"/messages/{answer}/raw/",
        f"/messages/{answer}/receipt/",
        f"/messages/{answer}/edit/",
    ):
        response = htmx_client.get(url)
        assert response.status_code == 200, url
        assert response.content.strip(), url


@pytest.mark.parametrize("action", ["retry", "select", "branch", "delete", "restore"])
def test_actions_answer_htmx_and_plain_forms(alice_client, htmx_client, chat, action):
    url = f"/messages/{chat.answer.uuid}/{action}/"
    assert htmx_client.post(url).status_code == (204 if action == "branch" else 200)
    if action != "delete":
        assert alice_client.post(url).status_code == 302


def test_an_edit_with_a_bad_field_keeps_what_was_typed(htmx_client, chat):
    url = f"/messages/{chat.question.uuid}/edit/"
    response = htmx_client.post(url, {"text": "Typed anew", "model": "fake/fake-vision", "seed": "x"})
    assert response.status_code == 422
    assert "Typed anew" in response.content.decode()
    assert Message.objects.count() == 2


def test_stopping_marks_the_run_and_stopping_again_changes_nothing(htmx_client, chat):
    chat.say("More")
    run = Run.objects.order_by("-id").first()
    assert htmx_client.post(f"/runs/{run.uuid}/stop/").status_code == 204
    run.refresh_from_db()
    first = run.stop_requested_at
    assert first
    htmx_client.post(f"/runs/{run.uuid}/stop/")
    run.refresh_from_db()
    assert run.stop_requested_at == first


def test_what_does_not_exist_is_404(alice_client, alice):
    for url in (f"/c/{uuid4()}/", f"/messages/{uuid4()}/raw/", "/c/not-a-uuid/"):
        assert alice_client.get(url).status_code == 404
