"""A message typed while an answer streams is sent after it; a person decides when something went wrong before."""

from __future__ import annotations

import pytest

from playground.chat.errors import NotPossible
from playground.chat.models import Draft, Message
from playground.chat.services.answers import retry_answer
from playground.chat.services.editing import edit_message
from playground.chat.services.messages import post_message
from playground.chat.services.queue import remove_from_queue, send_now
from playground.runs.models import Run, RunStatus
from tests.chat.making import Chat, end_answer


@pytest.fixture
def streaming(alice, model) -> Chat:
    """The first answer is being written."""
    return Chat.begin(alice, model, "First")


@pytest.fixture
def first_answer(streaming) -> Message:
    return streaming.answer


def fresh(message: Message) -> Message:
    return Message.objects.select_related("conversation", "parent").get(pk=message.pk)


def test_a_message_posted_meanwhile_waits_without_a_run(streaming, first_answer):
    posted = streaming.say("Second")
    assert posted.answer is None
    assert posted.user_message.parent == first_answer
    assert posted.user_message.queued["is_held"] is False
    assert Run.objects.count() == 1
    assert streaming.conversation.leaf == posted.user_message


def test_it_is_sent_when_the_answer_is_complete(streaming, first_answer):
    queued = streaming.say("Second", request_id="two", parameters={"temperature": 0.1}).user_message
    end_answer(first_answer, "Done.")
    assert fresh(queued).queued is None
    run = Run.objects.get(request_id="two")
    assert run.request["temperature"] == 0.1
    assert streaming.conversation.leaf == run.message
    assert run.message.parent == queued


@pytest.mark.parametrize("status", [RunStatus.STOPPED, RunStatus.FAILED, RunStatus.INTERRUPTED])
def test_it_is_held_when_the_answer_did_not_complete(streaming, first_answer, status):
    queued = streaming.say("Second").user_message
    end_answer(first_answer, "Half", status)
    held = fresh(queued).queued
    assert (held["is_held"], held["reason"]) == (True, status)
    assert Run.objects.count() == 1


def test_several_wait_in_order_and_go_out_one_by_one(streaming, first_answer):
    second, third = streaming.say("Second").user_message, streaming.say("Third").user_message
    assert fresh(third).parent == second
    end_answer(first_answer, "One.")
    answer = Message.objects.get(parent=second, role="assistant")
    assert fresh(third).parent == answer
    assert fresh(third).queued is not None
    end_answer(answer, "Two.")
    assert fresh(third).queued is None
    end_answer(Message.objects.get(parent=third), "Three.")
    assert streaming.shown == ["First", "One.", "Second", "Two.", "Third", "Three."]


def test_send_now_sends_a_held_message_once(streaming, first_answer, alice):
    queued = streaming.say("Second").user_message
    end_answer(first_answer, "Half", RunStatus.STOPPED)
    answer = send_now(owner=alice, message=fresh(queued))
    assert send_now(owner=alice, message=fresh(queued)) == answer
    assert Run.objects.count() == 2


def test_what_still_waits_cannot_be_sent_now(streaming, alice):
    queued = streaming.say("Second").user_message
    with pytest.raises(NotPossible):
        send_now(owner=alice, message=fresh(queued))


def test_removing_puts_text_back_into_the_draft(streaming, first_answer, alice):
    second, third = streaming.say("Second").user_message, streaming.say("Third").user_message
    remove_from_queue(owner=alice, message=fresh(second))
    assert Draft.objects.get().text == "Second"
    assert fresh(third).parent == first_answer
    end_answer(first_answer, "One.")
    assert streaming.shown == ["First", "One.", "Third", ""]


def test_what_was_sent_cannot_be_removed(streaming, first_answer, alice):
    queued = fresh(streaming.say("Second").user_message)
    end_answer(first_answer, "One.")
    with pytest.raises(NotPossible):
        remove_from_queue(owner=alice, message=queued)


def test_the_same_request_id_queues_once(streaming, alice, model):
    for _ in range(2):
        posted = streaming.say("Second", request_id="two")
    assert posted.is_repeat
    assert Message.objects.filter(text="Second").count() == 1


def test_sending_another_message_takes_the_held_one_along(streaming, first_answer):
    queued = streaming.say("Second").user_message
    end_answer(first_answer, "Half", RunStatus.STOPPED)
    posted = streaming.say("Third")
    assert fresh(queued).queued is None
    assert posted.user_message.parent == queued
    assert posted.answer is not None
    assert streaming.shown == ["First", "Half", "Second", "Third", ""]


def test_a_retry_takes_the_held_message_along(streaming, first_answer, alice):
    queued = streaming.say("Second").user_message
    failed = end_answer(first_answer, "", RunStatus.FAILED)
    again = retry_answer(owner=alice, message=failed)
    assert fresh(queued).parent == again
    assert fresh(queued).queued["is_held"] is False
    end_answer(again, "One.")
    assert streaming.shown == ["First", "One.", "Second", ""]


def test_a_waiting_message_is_edited_in_place(streaming, first_answer, alice):
    queued = fresh(streaming.say("Second").user_message)
    edit_message(owner=alice, message=queued, text="Second, better")
    assert Message.objects.count() == 3
    end_answer(first_answer, "One.")
    assert streaming.shown == ["First", "One.", "Second, better", ""]


def test_it_is_held_when_its_model_is_gone(streaming, first_answer, model):
    queued = streaming.say("Second").user_message
    model.is_enabled = False
    model.save()
    answer = end_answer(first_answer, "One.")
    assert fresh(queued).queued["reason"] == "unsendable"
    assert answer.run.status == RunStatus.COMPLETED
    assert answer.text == "One."


def test_a_deleted_conversation_sends_nothing_more(streaming, first_answer):
    from playground.chat.services.deleting import delete_conversation

    streaming.say("Second")
    delete_conversation(conversation=streaming.conversation)
    end_answer(first_answer, "One.")
    assert Run.objects.count() == 1


def test_a_queued_message_follows_its_branch_when_another_is_shown(streaming, first_answer, alice, model):
    queued = streaming.say("Second").user_message
    edit_message(
        owner=alice,
        message=streaming.conversation.messages.select_related("conversation").get(text="First"),
        text="Anew",
    )
    end_answer(first_answer, "One.")
    assert fresh(queued).queued is None
    assert streaming.shown == ["Anew", ""]


def test_posting_to_another_conversation_does_not_wait(streaming, alice, model):
    posted = post_message(owner=alice, conversation=None, text="Elsewhere", model=model)
    assert posted.answer is not None
