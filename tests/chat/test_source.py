"""What the model is told is rebuilt from rows that do not change."""

from __future__ import annotations

import base64

from playground.chat.models import Attachment, Draft, Message
from playground.chat.source import ChatSource
from tests.chat.making import Chat, end_run, make_image, make_long_conversation

source = ChatSource()


def test_system_prompt_first_then_the_path(chat):
    chat.say("And in Cork?", parameters={"system_prompt": "Be brief."})
    assert source.messages(chat.answer.run) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How high is the tide in Brest?"},
        {"role": "assistant", "content": "About **six** metres."},
        {"role": "user", "content": "And in Cork?"},
    ]


def test_alternatives_and_later_messages_are_not_sent(chat, alice):
    from playground.chat.services.answers import retry_answer

    again = retry_answer(owner=alice, message=chat.answer)
    assert source.messages(again.run) == [{"role": "user", "content": "How high is the tide in Brest?"}]


def test_images_go_as_data_urls_after_the_text(alice, model):
    image = make_image(alice)
    Attachment.objects.filter(pk=image.pk).update(detail="high")
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    [message] = source.messages(chat.answer.run)
    text, picture = message["content"]
    assert text == {"type": "text", "text": "Look"}
    head, _comma, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert picture["image_url"]["detail"] == "high"


def test_a_detail_that_nobody_chose_is_left_out(alice, model):
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid])
    assert "detail" not in source.messages(chat.answer.run)[0]["content"][1]["image_url"]


def test_the_detail_for_all_images_holds_where_an_image_has_none(alice, model):
    images = [make_image(alice), make_image(alice, color="blue")]
    Attachment.objects.filter(pk=images[0].pk).update(detail="high")
    chat = Chat.begin(
        alice,
        model,
        "Look",
        attachment_uuids=[image.uuid for image in images],
        parameters={"image_detail": "low"},
    )
    parts = source.messages(chat.answer.run)[0]["content"][1:]
    assert [part["image_url"]["detail"] for part in parts] == ["high", "low"]


def test_an_address_goes_as_it_is(alice, model):
    model.provider.fetches_image_urls = True
    model.provider.save()
    draft = Draft.objects.create(owner=alice)
    image = Attachment.objects.create(owner=alice, draft=draft, url="https://example.org/a.png")
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[image.uuid])
    assert source.messages(chat.answer.run)[0]["content"][1]["image_url"] == {"url": "https://example.org/a.png"}


def test_a_model_without_vision_gets_no_images(alice, model, text_model):
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid])
    chat.end("Red.")
    chat.say("Sure?", model_name="fake/fake-text")
    assert source.messages(chat.answer.run)[0] == {"role": "user", "content": "Look"}


def test_the_receipt_decides_not_the_catalogue_of_today(alice, model):
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid])
    model.max_images = 0
    model.save()
    assert len(source.messages(chat.answer.run)[0]["content"]) == 2


def test_reasoning_and_empty_answers_are_not_sent_back(chat):
    chat.say("More")
    Message.objects.filter(pk=chat.answer.parent_id).update(reasoning="hidden")
    chat.end("", "failed")
    chat.say("Again")
    texts = [message["content"] for message in source.messages(chat.answer.run)]
    assert texts == ["How high is the tide in Brest?", "About **six** metres.", "More", "Again"]


def test_the_end_of_a_run_reaches_its_message(alice, model):
    chat = Chat.begin(alice, model, "Hi")
    before = chat.conversation.updated_at
    end_run(chat.answer.run, "Hello.")
    assert chat.answer.text == "Hello."
    assert chat.conversation.updated_at > before


def test_a_run_whose_message_is_gone_ends_all_the_same(alice, model):
    chat = Chat.begin(alice, model, "Hi")
    run = chat.answer.run
    chat.conversation.delete()
    run.refresh_from_db()
    end_run(run, "Hello.")
    assert source.messages(run) == []
    assert source.prefix(run) == ""


def test_a_long_path_takes_a_fixed_number_of_queries(alice, model, django_assert_max_num_queries):
    conversation = make_long_conversation(alice, model, 2000)
    chat = Chat.begin(alice, model, "x")
    chat.posted = type(chat.posted)(conversation, chat.question, None)
    posted = chat.say("The end")
    run = posted.answer.run
    with django_assert_max_num_queries(4):
        assert len(source.messages(run)) == 2001
