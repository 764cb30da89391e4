"""One prompt to all columns: one message and one run a column, whatever else happens."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.services.messages import find_attachments
from playground.compare.estimating import estimate_all
from playground.compare.services.posting import post_to_all, run_again, run_all_again, stop_all
from playground.compare.services.settings import save_settings
from playground.compare.settings import ColumnSettings
from playground.runs.models import Run
from playground.usage.models import Budget
from tests.chat.making import end_answer, make_image

pytestmark = pytest.mark.django_db


def post(comparison, text="Which tide?", **more):
    return post_to_all(owner=comparison.owner, comparison=comparison, text=text, **more)


def texts_of(column):
    return [(one.role, one.text) for one in Message.objects.filter(conversation=column.conversation)]


def test_every_column_gets_the_message_and_a_run_with_its_own_settings(comparison, columns):
    posted = post(comparison)
    assert len(posted) == 2
    assert [one.answer.run.request["temperature"] for one in posted] == [0.2, 0.9]
    assert [one.answer.run.source for one in posted] == ["compare", "compare"]
    assert [texts_of(column)[0] for column in columns] == [("user", "Which tide?")] * 2


def test_the_first_prompt_is_the_title(comparison):
    post(comparison)
    comparison.refresh_from_db()
    assert comparison.title == "Which tide?"
    post(comparison, "And now?")
    comparison.refresh_from_db()
    assert comparison.title == "Which tide?"


def test_the_same_request_twice_is_one_message_a_column(comparison):
    post(comparison, request_id="twice")
    again = post(comparison, request_id="twice")
    assert [one.is_repeat for one in again] == [True, True]
    assert Run.objects.count() == 2
    assert Message.objects.count() == 4


def test_a_column_that_refuses_keeps_the_message_with_the_reason_and_the_others_go_on(
    make_comparison, model, text_model, alice
):
    comparison = make_comparison(
        ColumnSettings(model.public_name), ColumnSettings(text_model.public_name), ColumnSettings("gone/model")
    )
    image = make_image(alice, comparison.composer)
    posted = post(comparison, attachment_uuids=[image.uuid])
    assert [one.answer is not None for one in posted] == [True, False, False]
    assert "does not read images" in posted[1].user_message.queued["said"]
    assert "not in the catalogue" in posted[2].user_message.queued["said"]
    assert Run.objects.count() == 1


def test_a_value_that_is_wrong_refuses_that_column_alone(make_comparison, model):
    comparison = make_comparison(ColumnSettings(model.public_name), ColumnSettings(model.public_name, {"seed": "x"}))
    posted = post(comparison)
    assert posted[0].answer is not None
    assert "Seed" in posted[1].user_message.queued["said"]


def test_what_a_column_refused_is_sent_with_the_settings_that_it_has_by_then(make_comparison, model, alice):
    comparison = make_comparison(ColumnSettings(model.public_name, {"seed": "x"}))
    post(comparison)
    column = comparison.columns.get()
    save_settings(owner=alice, column=column, settings=ColumnSettings(model.public_name, {"seed": "7"}))
    assert run_all_again(owner=alice, comparison=comparison) == []
    run = Run.objects.get()
    assert run.request["seed"] == 7
    assert Message.objects.get(run=run).parent.queued is None


def test_images_are_on_every_columns_message_and_one_file(comparison, alice):
    image = make_image(alice, comparison.composer)
    post(comparison, attachment_uuids=[image.uuid])
    rows = list(Attachment.objects.select_related("message"))
    assert len(rows) == 2
    assert {one.blob_id for one in rows} == {image.blob_id}
    assert all(one.message is not None and one.message.role == "user" for one in rows)


def test_a_repeat_with_images_leaves_no_copies_behind(comparison, alice):
    image = make_image(alice, comparison.composer)
    post(comparison, attachment_uuids=[image.uuid], request_id="twice")
    again = post(comparison, attachment_uuids=[image.uuid], request_id="twice")
    assert len(again) == 2
    assert Attachment.objects.count() == 2


def test_images_of_somebody_else_are_not_found(comparison, bob, make_comparison):
    theirs = make_image(bob, None)
    with pytest.raises(Attachment.DoesNotExist):
        post(comparison, attachment_uuids=[theirs.uuid])
    assert Message.objects.count() == 0
    assert find_attachments(bob, [theirs.uuid])


def test_an_empty_message_goes_to_no_column(comparison):
    with pytest.raises(InvalidInput):
        post(comparison, "  ")
    assert Message.objects.count() == 0


def test_each_column_keeps_its_own_history(comparison, columns):
    first = post(comparison, "One")
    for number, one in enumerate(first):
        end_answer(one.answer, f"Answer {number}")
    post(comparison, "Two")
    for number, column in enumerate(columns):
        texts = [text for _role, text in texts_of(column)]
        assert texts == ["One", f"Answer {number}", "Two", ""]


def test_while_a_column_answers_its_next_message_waits_and_the_others_go_on(comparison):
    first = post(comparison, "One")
    end_answer(first[0].answer, "Done")
    second = post(comparison, "Two")
    assert second[0].answer is not None
    assert second[1].answer is None
    assert second[1].user_message.queued["is_held"] is False


def test_run_again_answers_beside_with_the_settings_of_now(comparison, columns, alice, model):
    for one in post(comparison):
        end_answer(one.answer, "Old")
    save_settings(owner=alice, column=columns[0], settings=ColumnSettings(model.public_name, {"temperature": "1.5"}))
    column = comparison.columns.select_related("conversation").first()
    answer = run_again(owner=alice, column=column)
    assert answer.run.request["temperature"] == 1.5
    assert Message.objects.filter(parent=answer.parent).count() == 2


def test_run_all_again_leaves_a_column_alone_that_is_answering(comparison, alice):
    first = post(comparison)
    end_answer(first[0].answer, "Done")
    assert run_all_again(owner=alice, comparison=comparison) == []
    assert Run.objects.count() == 3


def test_run_all_again_without_a_question_does_nothing(comparison, alice):
    assert run_all_again(owner=alice, comparison=comparison) == []
    assert Run.objects.count() == 0


def test_stop_all_asks_every_active_run_of_the_comparison_to_stop(comparison, make_comparison):
    post(comparison)
    other = make_comparison()
    post(other)
    stop_all(comparison=comparison)
    stopped = Run.objects.exclude(stop_requested_at=None)
    assert stopped.count() == 2
    assert set(stopped.values_list("message__conversation__column__comparison", flat=True)) == {comparison.pk}


def test_the_columns_stand_in_no_list_of_conversations(comparison, alice):
    post(comparison)
    assert not Conversation.objects.visible_to(alice).listed().exists()


def test_what_the_budget_has_left_goes_to_the_first_columns_and_the_others_keep_the_message(comparison, alice):
    both = estimate_all(owner=alice, comparison=comparison, text="Which tide?", attachments=[]).held_at_most
    assert both is not None
    Budget.objects.create(scope="each", period="month", amount=both * Decimal("0.75"))
    posted = post(comparison)
    assert posted[0].answer is not None
    assert posted[1].answer is None
    assert "budget" in posted[1].user_message.queued["said"]
    assert Run.objects.count() == 1
