"""Posting: one transaction, one run for one request id, nothing of anybody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment, Conversation, Draft, Message
from playground.chat.services.drafts import save_draft
from playground.chat.services.messages import post_message
from playground.chat.services.preparing import find_model
from playground.runs.models import Run
from tests.chat.making import Chat, make_image, make_model


def test_first_message_makes_conversation_message_answer_and_run(alice, model):
    posted = Chat.begin(alice, model, "Hello there").posted
    conversation = Conversation.objects.get()
    assert conversation.owner == alice
    assert conversation.title == "Hello there"
    assert conversation.leaf == posted.answer
    assert conversation.model_name == "fake/fake-vision"
    assert posted.answer.parent == posted.user_message
    run = Run.objects.get()
    assert posted.answer.run == run
    assert (run.source, run.status, run.request["model"]) == ("chat", "queued", "fake-vision")


def test_parameters_are_validated_sent_and_remembered(alice, model):
    Chat.begin(alice, model, "Hi", parameters={"temperature": "0.5", "seed": "7", "system_prompt": "Be brief."})
    run = Run.objects.get()
    assert (run.request["temperature"], run.request["seed"]) == (0.5, 7)
    assert "system_prompt" not in run.request
    assert run.receipt["values"] == {"temperature": 0.5, "seed": 7, "system_prompt": "Be brief."}
    assert Conversation.objects.get().parameters == run.receipt["values"]


def test_a_bad_parameter_is_named_and_nothing_is_written(alice, model):
    with pytest.raises(InvalidInput) as caught:
        Chat.begin(alice, model, "Hi", parameters={"temperature": "9"})
    assert [error.field for error in caught.value.errors] == ["temperature"]
    assert not Conversation.objects.exists()
    assert not Run.objects.exists()


def test_rules_about_the_texts_see_the_whole_path(alice, model):
    from playground.catalog.specs import rules_of
    from playground.chat.services.answers import retry_answer

    for rule in rules_of(model):
        rule["level"] = "error"  # a warning in the schema we ship, so that the provider has the last word
    model.save()
    json_mode = {"response_format": "json_object"}
    with pytest.raises(InvalidInput, match="response_format"):
        Chat.begin(alice, model, "Hi", parameters=json_mode)
    chat = Chat.begin(alice, model, "Answer in JSON", parameters=json_mode)
    chat.end("{}")
    assert chat.say("Go on", parameters=json_mode).answer.run.request["response_format"] == {"type": "json_object"}
    chat.end("{}")
    assert retry_answer(owner=alice, message=chat.answer).run.request["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("text", ["", "   ", "\n\r\n"])
def test_an_empty_message_is_refused(alice, model, text):
    with pytest.raises(InvalidInput, match="text"):
        Chat.begin(alice, model, text)


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d"])
def test_what_a_database_may_refuse_is_refused_first(alice, model, text):
    with pytest.raises(InvalidInput, match="text"):
        Chat.begin(alice, model, text)


def test_line_ends_become_unix_ones(alice, model):
    assert Chat.begin(alice, model, "a\r\nb\rc").posted.user_message.text == "a\nb\nc"


def test_four_megabytes_pass(alice):
    model = make_model("long", context_tokens=1_047_576)
    text = "word " * 800_000
    chat = Chat.begin(alice, model, text)
    assert chat.question.text == text


def test_a_prompt_longer_than_the_context_is_refused_with_both_counts(alice):
    model = make_model("short", context_tokens=100)
    with pytest.raises(InvalidInput) as caught:
        Chat.begin(alice, model, "word " * 500)
    [error] = caught.value.errors
    assert error.field == "text"
    assert "100" in error.message
    assert "50" in error.message.replace(",", "")
    assert not Conversation.objects.exists()


def test_the_whole_path_counts_towards_the_context(alice):
    chat = Chat.begin(alice, make_model("short", context_tokens=100), "Hi")
    chat.end("word " * 90)
    with pytest.raises(InvalidInput, match="text"):
        chat.say("and more " * 10)


@pytest.mark.parametrize("name", ["", "fake", "fake/none", "nobody/fake-vision", "../x", "fake/fake-vision\x00"])
def test_an_unknown_model_is_refused(alice, model, name):
    with pytest.raises(InvalidInput, match="model"):
        find_model(alice, name)
    with pytest.raises(InvalidInput, match="model"):
        post_message(owner=alice, conversation=None, text="Hi", model=None)


def test_a_model_that_needs_a_key_says_so(alice, model):
    model.provider.requires_key = True
    model.provider.save()
    with pytest.raises(InvalidInput, match="API key"):
        Chat.begin(alice, model, "Hi")


def test_images_move_from_the_draft_in_the_order_given(alice, model):
    one, two = make_image(alice), make_image(alice, color="blue")
    posted = Chat.begin(alice, model, "What differs?", attachment_uuids=[two.uuid, one.uuid]).posted
    assert list(posted.user_message.attachments.values_list("uuid", flat=True)) == [two.uuid, one.uuid]
    assert not Attachment.objects.filter(draft__isnull=False).exists()


def test_an_image_alone_is_a_message_and_names_the_conversation(alice, model):
    posted = Chat.begin(alice, model, "", attachment_uuids=[make_image(alice).uuid]).posted
    assert posted.conversation.title == "red.png"


def test_images_are_refused_by_a_model_without_vision_and_stay_on_the_draft(alice, text_model):
    image = make_image(alice)
    with pytest.raises(InvalidInput, match="attachments"):
        Chat.begin(alice, text_model, "Look", attachment_uuids=[image.uuid])
    image.refresh_from_db()
    assert image.draft is not None


def test_an_image_address_is_refused_where_the_provider_does_not_fetch(alice, model):
    draft = Draft.objects.create(owner=alice)
    image = Attachment.objects.create(owner=alice, draft=draft, url="https://example.org/a.png")
    with pytest.raises(InvalidInput, match="attachments"):
        Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    model.provider.fetches_image_urls = True
    model.provider.save()
    assert Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid]).posted.answer


def test_an_image_of_another_person_does_not_exist(alice, bob, model):
    theirs = make_image(bob)
    with pytest.raises(Attachment.DoesNotExist):
        Chat.begin(alice, model, "Look", attachment_uuids=[theirs.uuid])
    theirs.refresh_from_db()
    assert theirs.owner == bob
    assert theirs.message is None


def test_an_image_that_was_sent_before_cannot_be_sent_again(alice, model):
    image = make_image(alice)
    Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    with pytest.raises(Attachment.DoesNotExist):
        Chat.begin(alice, model, "Again", attachment_uuids=[image.uuid])


def test_a_parent_of_another_conversation_does_not_exist(chat, alice, bob, model):
    other = Chat.begin(alice, model, "Another")
    theirs = Chat.begin(bob, model, "Mine")
    for parent in (other.question.uuid, theirs.question.uuid, uuid4()):
        with pytest.raises(Message.DoesNotExist):
            chat.say("Hi", parent_uuid=parent)


def test_sending_clears_the_draft(chat, alice):
    save_draft(owner=alice, conversation=chat.conversation, text="Half a thou")
    chat.say("Half a thought")
    assert not Draft.objects.filter(owner=alice).exists()


def test_a_failed_send_leaves_images_and_draft(chat, alice):
    save_draft(owner=alice, conversation=chat.conversation, text="Half a thou")
    with pytest.raises(InvalidInput):
        chat.say("", parameters={"temperature": "x"})
    assert Draft.objects.get().text == "Half a thou"


def test_the_same_request_id_is_one_message_and_one_run(alice, model):
    first = Chat.begin(alice, model, "Hi", request_id="one").posted
    again = Chat.begin(alice, model, "Hi", request_id="one").posted
    assert (again.conversation, again.user_message, again.answer) == (
        first.conversation,
        first.user_message,
        first.answer,
    )
    assert again.is_repeat
    assert Run.objects.count() == Conversation.objects.count() == 1


def test_the_same_request_id_of_two_people_is_two_runs(alice, bob, model):
    Chat.begin(alice, model, "Hi", request_id="one")
    posted = Chat.begin(bob, model, "Hi", request_id="one").posted
    assert posted.conversation.owner == bob
    assert Run.objects.count() == 2


@pytest.mark.parametrize("request_id", ["a b", "x" * 65, "<script>", "a\nb", "é"])
def test_an_odd_request_id_is_refused(alice, model, request_id):
    with pytest.raises(InvalidInput, match="request_id"):
        Chat.begin(alice, model, "Hi", request_id=request_id)


def test_a_page_that_lags_behind_posts_at_the_end(chat):
    first_answer = chat.answer
    chat.say("From the other tab")
    chat.end("Yes")
    posted = chat.say("From the tab that lags", parent_uuid=first_answer.uuid)
    assert chat.shown[-3:] == ["Yes", "From the tab that lags", ""]
    assert posted.user_message.parent.text == "Yes"


def test_a_page_that_shows_another_branch_posts_there(chat):
    from playground.chat.services.answers import retry_answer
    from tests.chat.making import end_answer

    old = chat.answer
    end_answer(retry_answer(owner=chat.owner, message=old), "Seven.")
    posted = chat.say("About the first answer", parent_uuid=old.uuid)
    assert posted.user_message.parent == old
    assert chat.shown[1] == "About **six** metres."
