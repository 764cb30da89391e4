"""Columns come, go and change places, and take their settings along."""

from __future__ import annotations

import pytest

from playground.chat.errors import InvalidInput
from playground.chat.models import Message
from playground.compare.errors import TooManyColumns
from playground.compare.models import Column, Comparison
from playground.compare.services.columns import (
    MOST_COLUMNS,
    add_column,
    columns_of,
    move_column,
    remove_column,
    restore_column,
)
from playground.compare.services.comparisons import create_comparison
from playground.compare.services.posting import post_to_all, run_again
from playground.compare.services.settings import pin_field, save_settings
from playground.compare.settings import ColumnSettings
from tests.chat.making import Chat, end_answer

pytestmark = pytest.mark.django_db


def temperatures(comparison: Comparison) -> list[object]:
    return [column.conversation.parameters.get("temperature") for column in columns_of(comparison)]


def save(column: Column, model, **raw: str) -> None:
    save_settings(owner=column.comparison.owner, column=column, settings=ColumnSettings(model.public_name, raw))


def test_a_column_that_is_added_is_like_the_last(comparison):
    add_column(comparison=comparison)
    assert temperatures(comparison) == [0.2, 0.9, 0.9]


def test_a_duplicate_stands_beside_its_original(comparison, columns):
    add_column(comparison=comparison, like=columns[0])
    assert temperatures(comparison) == [0.2, 0.2, 0.9]


def test_a_new_column_has_the_history_and_its_last_question_waits(comparison, alice):
    for text in ("One", "Two"):
        for posted in post_to_all(owner=alice, comparison=comparison, text=text):
            end_answer(posted.answer, f"Answer to {text}")
    column = add_column(comparison=comparison)
    messages = list(Message.objects.filter(conversation=column.conversation))
    assert [one.text for one in messages] == ["One", "Answer to One", "Two"]
    assert messages[-1].queued["is_held"]
    column.refresh_from_db()
    assert column.conversation.leaf == messages[-1]
    answer = run_again(owner=alice, column=column)
    assert answer.parent == messages[-1]
    assert answer.run.request["temperature"] == 0.9


def test_there_is_a_most(comparison):
    for _more in range(MOST_COLUMNS - 2):
        add_column(comparison=comparison)
    with pytest.raises(TooManyColumns):
        add_column(comparison=comparison)


def test_a_removed_column_comes_back_where_it_stood(comparison, columns):
    remove_column(column=columns[0])
    assert temperatures(comparison) == [0.9]
    columns[0].refresh_from_db()
    restore_column(column=columns[0])
    assert temperatures(comparison) == [0.2, 0.9]


def test_a_removed_column_gets_no_messages(comparison, columns, alice):
    remove_column(column=columns[0])
    assert len(post_to_all(owner=alice, comparison=comparison, text="One")) == 1


def test_when_all_are_removed_a_new_one_is_like_the_last_there_was(comparison, columns):
    for column in columns:
        remove_column(column=column)
    add_column(comparison=comparison)
    assert temperatures(comparison) == [0.9]


@pytest.mark.parametrize(("at", "by", "order"), [(0, 1, [0.9, 0.2]), (1, 1, [0.2, 0.9]), (1, -1, [0.9, 0.2])])
def test_columns_change_places(comparison, columns, at, by, order):
    move_column(column=columns[at], by=by)
    assert temperatures(comparison) == order


def test_what_is_wrong_is_kept_as_it_was_entered(columns, model):
    save(columns[0], model, temperature="9", seed="7", max_completion_tokens="")
    columns[0].conversation.refresh_from_db()
    assert columns[0].conversation.parameters == {"temperature": "9", "seed": 7}


def test_a_model_that_is_not_there_is_refused(columns, alice):
    with pytest.raises(InvalidInput):
        save_settings(owner=alice, column=columns[0], settings=ColumnSettings("no/such", {}))


def test_a_pinned_field_takes_this_columns_value_everywhere_and_then_every_change(comparison, columns, alice, model):
    pin_field(owner=alice, column=columns[1], field="temperature", is_pinned=True)
    assert temperatures(comparison) == [0.9, 0.9]
    save(comparison.columns.first(), model, temperature="0.4")
    assert temperatures(comparison) == [0.4, 0.4]
    save(comparison.columns.first(), model)
    assert temperatures(comparison) == [None, None]
    pin_field(owner=alice, column=columns[1], field="temperature", is_pinned=False)
    save(comparison.columns.first(), model, temperature="0.1")
    assert temperatures(comparison) == [0.1, None]


def test_a_pinned_model_takes_along_what_it_knows(comparison, columns, alice, model, text_model):
    pin_field(owner=alice, column=columns[0], field="model", is_pinned=True)
    save(columns[0], text_model, temperature="0.3")
    assert {one.conversation.model_name for one in columns_of(comparison)} == {text_model.public_name}
    assert temperatures(comparison) == [0.3, 0.9]


def test_only_fields_of_the_model_can_be_pinned(comparison, columns, alice):
    with pytest.raises(InvalidInput):
        pin_field(owner=alice, column=columns[0], field="nonsense", is_pinned=True)
    comparison.refresh_from_db()
    assert comparison.pinned_fields == []


def test_from_a_chat_the_columns_begin_before_its_last_question_and_that_is_typed(alice, model):
    chat = Chat.begin(alice, model, "One")
    chat.end("Answer")
    chat.say("Two")
    chat.end("Answer")
    made = create_comparison(owner=alice, settings=[ColumnSettings(model.public_name)], history=chat.conversation)
    column = made.columns.get()
    assert [one.text for one in column.conversation.messages.all()] == ["One", "Answer"]
    assert column.conversation.leaf.text == "Answer"
    assert made.composer.drafts.get().text == "Two"


def test_from_a_chat_with_something_typed_they_go_on_behind_its_end(alice, model):
    chat = Chat.begin(alice, model, "One")
    chat.end("Answer")
    settings = [ColumnSettings(model.public_name)]
    made = create_comparison(owner=alice, settings=settings, history=chat.conversation, text="And then?")
    assert [one.text for one in made.columns.get().conversation.messages.all()] == ["One", "Answer"]
    assert made.composer.drafts.get().text == "And then?"
