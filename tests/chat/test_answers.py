"""Retry, continue, edit, alternatives, branches: what was there stays."""

from __future__ import annotations

import pytest

from playground.chat.errors import InvalidInput, NotPossible
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.prompt import GO_ON
from playground.chat.services.answers import continue_answer, retry_answer
from playground.chat.services.branching import branch_from, select_sibling
from playground.chat.services.editing import edit_message
from playground.chat.source import ChatSource
from playground.runs.models import Run, RunStatus
from tests.chat.making import Chat, end_answer, make_image

source = ChatSource()


def test_a_retry_is_a_sibling_with_the_same_settings(alice, model):
    chat = Chat.begin(alice, model, "Hi", parameters={"temperature": 0.4, "system_prompt": "Short."})
    chat.end("One.")
    again = retry_answer(owner=alice, message=chat.answer)
    assert again.parent == chat.question
    assert again.run.request == chat.answer.run.request
    assert source.messages(again.run)[0] == {"role": "system", "content": "Short."}
    assert chat.conversation.leaf == again


def test_a_retry_with_another_model_remembers_it(chat, alice, text_model):
    again = retry_answer(owner=alice, message=chat.answer, model_name="fake/fake-text", parameters={"seed": 3})
    assert again.run.model == text_model
    assert again.run.request["seed"] == 3
    assert chat.conversation.model_name == "fake/fake-text"


def test_retrying_a_user_message_answers_it(chat, alice):
    Message.objects.filter(pk=chat.answer.pk).delete()
    again = retry_answer(owner=alice, message=chat.question)
    assert again.parent == chat.question


def test_an_answer_that_is_being_written_is_not_retried_continued_edited_or_branched(alice, model):
    answer = Chat.begin(alice, model, "Hi").answer
    Message.objects.filter(pk=answer.pk).update(text="x")
    answer.text = "x"
    for act in (
        lambda: retry_answer(owner=alice, message=answer),
        lambda: continue_answer(owner=alice, message=answer),
        lambda: edit_message(owner=alice, message=answer, text="Mine"),
        lambda: branch_from(owner=alice, message=answer),
    ):
        with pytest.raises(NotPossible):
            act()
    assert Message.objects.count() == 2
    assert Run.objects.count() == 1


def test_the_same_request_id_retries_once(chat, alice):
    first = retry_answer(owner=alice, message=chat.answer, request_id="again")
    assert retry_answer(owner=alice, message=chat.answer, request_id="again") == first
    assert Run.objects.count() == 2


@pytest.mark.parametrize(("style", "ending"), [("prefill", []), ("ask", [{"role": "user", "content": GO_ON}])])
def test_a_continued_answer_begins_with_the_cut_text(alice, model, style, ending):
    model.provider.continue_style = style
    model.provider.save()
    chat = Chat.begin(alice, model, "Count")
    cut = chat.end("One, two, ", RunStatus.STOPPED)
    more = continue_answer(owner=alice, message=cut)
    assert source.prefix(more.run) == "One, two, "
    assert source.messages(more.run) == [
        {"role": "user", "content": "Count"},
        {"role": "assistant", "content": "One, two, "},
        *ending,
    ]
    whole = end_answer(more, "three.")
    assert whole.text == "One, two, three."
    assert whole.parent == chat.question
    assert Message.objects.get(pk=cut.pk).text == "One, two, "


def test_an_answer_can_be_continued_twice(alice, model):
    cut = Chat.begin(alice, model, "Count").posted.answer
    cut = end_answer(cut, "One, ", RunStatus.STOPPED)
    cut = end_answer(continue_answer(owner=alice, message=cut), "two, ", RunStatus.INTERRUPTED)
    assert end_answer(continue_answer(owner=alice, message=cut), "three.").text == "One, two, three."


def test_nothing_to_continue_is_said(chat, alice):
    chat.say("More")
    empty = chat.end("", RunStatus.FAILED)
    for message in (empty, chat.question):
        with pytest.raises(NotPossible):
            continue_answer(owner=alice, message=message)


def test_editing_a_question_asks_anew_and_keeps_the_old_one(chat, alice):
    old = chat.question
    posted = edit_message(owner=alice, message=chat.question, text="And in Cork?")
    assert posted.user_message.parent == old.parent
    assert posted.user_message.is_edited
    assert posted.answer.run.status == RunStatus.QUEUED
    assert chat.shown == ["And in Cork?", ""]
    assert Message.objects.get(pk=old.pk).text == "How high is the tide in Brest?"


def test_editing_keeps_drops_and_adds_images(alice, model):
    one, two = make_image(alice), make_image(alice, color="blue")
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[one.uuid, two.uuid])
    chat.end("I see.")
    three = make_image(alice, chat.conversation, "green")
    kept = edit_message(owner=alice, message=chat.question, text="Again").user_message
    assert [image.name for image in kept.attachments.all()] == ["red.png", "blue.png"]
    changed = edit_message(
        owner=alice, message=chat.question, text="Anew", attachment_uuids=[two.uuid, three.uuid]
    ).user_message
    assert [image.name for image in changed.attachments.all()] == ["blue.png", "green.png"]
    assert chat.question.attachments.count() == 2


def test_editing_with_an_image_of_another_person_finds_nothing(chat, alice, bob):
    with pytest.raises(Attachment.DoesNotExist):
        edit_message(owner=alice, message=chat.question, text="Look", attachment_uuids=[make_image(bob).uuid])


def test_editing_an_answer_sends_nothing(chat, alice):
    posted = edit_message(owner=alice, message=chat.answer, text="Seven metres.")
    assert posted.answer is None
    assert Run.objects.count() == 1
    assert chat.shown == ["How high is the tide in Brest?", "Seven metres."]
    chat.say("Sure?")
    assert source.messages(chat.answer.run)[1] == {"role": "assistant", "content": "Seven metres."}


@pytest.mark.parametrize("role", ["question", "answer"])
def test_an_edit_to_nothing_is_refused(chat, alice, role):
    with pytest.raises(InvalidInput):
        edit_message(owner=alice, message=getattr(chat, role), text="  ")


@pytest.mark.parametrize("role", ["question", "answer"])
def test_the_same_request_id_edits_once(chat, alice, role):
    for _ in range(2):
        edit_message(owner=alice, message=getattr(chat, role), text="Edited", request_id="edit")
    assert Message.objects.filter(text="Edited").count() == 1


def test_selecting_an_alternative_shows_its_newest_end(chat, alice):
    old = chat.answer
    chat.say("Second")
    chat.end("Two.")
    other = end_answer(retry_answer(owner=alice, message=old), "Seven.")
    assert chat.shown == ["How high is the tide in Brest?", "Seven."]
    select_sibling(message=Message.objects.select_related("conversation").get(pk=old.pk))
    assert chat.shown == ["How high is the tide in Brest?", "About **six** metres.", "Second", "Two."]
    select_sibling(message=other)
    assert chat.shown[-1] == "Seven."


def test_a_branch_copies_the_path_and_nothing_else(alice, model):
    image = make_image(alice)
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    chat.end("Red.")
    answer = chat.answer
    chat.say("Not this")
    branch = branch_from(owner=alice, message=answer)
    assert branch.title == "Branch of Look"
    assert [message.text for message in branch.messages.order_by("id")] == ["Look", "Red."]
    assert branch.messages.order_by("id").first().attachments.get().blob == image.blob
    assert branch.leaf.text == "Red."
    assert chat.conversation.messages.count() == 4
    assert Conversation.objects.count() == 2
