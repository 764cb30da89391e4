"""Renaming, pinning, deleting with undo, the purge, and the list at the side."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from playground.chat.models import Conversation, Message
from playground.chat.services import deleting
from playground.chat.services.titles import title_from
from playground.chat.sidebar import build_sidebar
from playground.runs.models import Run
from tests.chat.making import Chat


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello there", "Hello there"),
        ("# Heading\n\nand *more*", "Heading and more"),
        ("word " * 40, "word " * 11 + "word…"),
        ("  \n two\nlines ", "two lines"),
        ("a\u202eb", "ab"),
    ],
)
def test_the_title_is_the_beginning_of_the_first_message(text, title):
    assert title_from(text) == title


def test_a_title_of_marks_alone_falls_back_to_the_text():
    assert title_from("***")


def test_renaming_cleans_and_bounds(htmx_client, chat):
    htmx_client.post(f"/c/{chat.conversation.uuid}/rename/", {"title": "  New\n\ttitle \x07"})
    assert chat.conversation.title == "New title"
    assert htmx_client.post(f"/c/{chat.conversation.uuid}/rename/", {"title": " "}).status_code == 422
    htmx_client.post(f"/c/{chat.conversation.uuid}/rename/", {"title": "x" * 500})
    assert len(chat.conversation.title) == 200


def test_renaming_does_not_move_it_in_the_list(htmx_client, chat):
    before = chat.conversation.updated_at
    htmx_client.post(f"/c/{chat.conversation.uuid}/rename/", {"title": "New"})
    assert chat.conversation.updated_at == before


def test_pinned_ones_come_first(htmx_client, alice, model, chat):
    Chat.begin(alice, model, "Newer")
    response = htmx_client.post(f"/c/{chat.conversation.uuid}/pin/", {"is_pinned": "true"})
    groups = response.context["sidebar"].groups
    assert [(group.label, [entry.title for entry in group.entries]) for group in groups] == [
        ("Pinned", ["How high is the tide in Brest?"]),
        ("Today", ["Newer"]),
    ]


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_groups_go_by_date(alice):
    now = timezone.now()
    for days, title in enumerate(["a", "b", "c"]):
        Conversation.objects.create(owner=alice, title=title, updated_at=now - datetime.timedelta(days=days))
    Conversation.objects.create(owner=alice, title="d", updated_at=now - datetime.timedelta(days=8))
    groups = build_sidebar(alice).groups
    assert [group.label for group in groups] == ["Today", "Yesterday", "Previous 7 days", "Earlier"]


@time_machine.travel("2026-11-20T22:00:00Z", tick=False)
def test_groups_go_by_the_persons_own_date(alice):
    Conversation.objects.create(owner=alice, updated_at=timezone.now() - datetime.timedelta(hours=8))
    with timezone.override("Asia/Tokyo"):  # the 21st there, the chat was on the 20th
        assert build_sidebar(alice).groups[0].label == "Yesterday"


def test_the_list_is_bounded_and_leads_on(alice_client, alice, django_assert_num_queries):
    now = timezone.now()
    Conversation.objects.bulk_create(Conversation(owner=alice, title=str(n), updated_at=now) for n in range(120))
    with django_assert_num_queries(1):
        sidebar = build_sidebar(alice)
    assert sum(len(group.entries) for group in sidebar.groups) == 100
    more = alice_client.get(sidebar.more_url).context["sidebar"]
    assert sum(len(group.entries) for group in more.groups) == 120
    assert more.more_url == ""


@pytest.mark.parametrize("limit", ["x", "-1", "0", "1" * 30, "²"])
def test_an_odd_limit_does_no_harm(alice_client, chat, limit):
    assert alice_client.get("/sidebar/", {"limit": limit}).status_code == 200


def test_live_ones_are_marked(alice, model, chat):
    Chat.begin(alice, model, "Live")
    live = {entry.title: entry.is_live for group in build_sidebar(alice).groups for entry in group.entries}
    assert live == {"Live": True, "How high is the tide in Brest?": False}


def test_deleting_a_conversation_can_be_undone(alice_client, chat):
    url = f"/c/{chat.conversation.uuid}/"
    answer = alice_client.post(f"{url}delete/")
    assert answer["Location"] == f"/?deleted={chat.conversation.uuid}"
    assert alice_client.get(answer["Location"]).context["undo"] == chat.conversation
    assert alice_client.get(url).status_code == 404
    alice_client.post(f"{url}restore/")
    assert alice_client.get(url).status_code == 200


def test_deleting_from_the_list_answers_with_the_list_and_the_undo(htmx_client, chat):
    response = htmx_client.post(f"/c/{chat.conversation.uuid}/delete/", headers={"HX-Current-URL": "http://x/models/"})
    assert response.context["undo"] == chat.conversation
    assert response.context["sidebar"].is_empty


def test_deleting_what_stands_open_leaves_for_a_new_chat(htmx_client, chat):
    url = f"/c/{chat.conversation.uuid}/"
    response = htmx_client.post(f"{url}delete/", headers={"HX-Current-URL": f"http://x{url}"})
    assert response["HX-Redirect"].startswith("/?deleted=")


def test_deleting_stops_what_is_being_written(alice, model, django_capture_on_commit_callbacks):
    chat = Chat.begin(alice, model, "Hi")
    with django_capture_on_commit_callbacks(execute=True):
        deleting.delete_conversation(conversation=chat.conversation)
    assert Run.objects.get().stop_requested_at is not None


def test_a_message_is_deleted_with_what_follows_and_comes_back(chat, alice):
    question = chat.question
    chat.say("Second")
    chat.end("Two.")
    deleting.delete_message(message=Message.objects.select_related("conversation").get(text="Second"))
    assert chat.shown == ["How high is the tide in Brest?", "About **six** metres."]
    deleting.delete_message(message=Message.objects.select_related("conversation").get(pk=question.pk))
    assert chat.shown == []
    deleting.restore_message(owner=alice, message_uuid=question.uuid)
    assert chat.shown == ["How high is the tide in Brest?", "About **six** metres."]


def test_deleting_one_alternative_shows_the_other(chat, alice):
    from playground.chat.services.answers import retry_answer
    from tests.chat.making import end_answer

    again = end_answer(retry_answer(owner=alice, message=chat.answer), "Seven.")
    deleting.delete_message(message=again)
    assert chat.shown[-1] == "About **six** metres."


def test_what_replied_to_something_deleted_does_not_come_back_alone(chat, alice):
    question, answer = chat.question, chat.answer
    deleting.delete_message(message=answer)
    deleting.delete_message(message=Message.objects.select_related("conversation").get(pk=question.pk))
    with pytest.raises(Message.DoesNotExist):
        deleting.restore_message(owner=alice, message_uuid=answer.uuid)


def test_a_conversation_goes_on_after_its_last_message_was_deleted(chat):
    deleting.delete_message(message=chat.answer)
    chat.say("Still there?")
    assert chat.shown == ["How high is the tide in Brest?", "Still there?", ""]


def test_the_purge_takes_what_was_deleted_long_ago_with_all_its_texts(chat, alice, model, capsys):
    kept = Chat.begin(alice, model, "Keep this")
    kept.end("Kept.")
    deleting.delete_message(message=kept.answer)
    deleting.delete_conversation(conversation=chat.conversation)
    call_command("purge")
    assert Conversation.objects.count() == 2
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31)):
        call_command("purge")
    assert list(Conversation.objects.values_list("title", flat=True)) == ["Keep this"]
    assert list(Message.objects.values_list("text", flat=True)) == ["Keep this"]
    assert Run.objects.count() == 0
    assert "1 conversations and 1 single messages" in capsys.readouterr().out
