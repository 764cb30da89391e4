"""Full text search: finds words and beginnings of words, only one's own, and takes nothing in a query for syntax."""

from __future__ import annotations

import pytest
from django.db import connection

from playground.chat.models import Conversation, Message
from playground.chat.search import INDEXED_CHARACTERS, search
from playground.chat.services.deleting import delete_conversation, delete_message
from tests.chat.making import Chat

HOSTILE = [
    '"',
    "'",
    '" OR 1=1 --',
    "tide AND",
    "NOT tide",
    "tide NEAR(brest, 5)",
    "title: tide",
    "{title text}: tide",
    "^tide",
    "tide*",
    "*",
    "tide + brest",
    "-tide",
    "(tide",
    "tide)",
    "a" * 5000,
    "tide " * 500,
    "\x00",
    "\x02\x03",
    "%",
    "_",
    "\\",
    "'; DROP TABLE chat_message; --",
    ";",
    "🌊",
    "\u202e",
    "' & | ! <-> :*",
]


def texts(hits) -> list[str]:
    return ["".join(text for text, _is_match in hit.snippet or hit.title) for hit in hits]


def test_titles_and_messages_are_found(alice, chat):
    title, question = search(alice, "tide")
    assert title.message_uuid is None
    assert title.title == [("How high is the ", False), ("tide", True), (" in Brest?", False)]
    assert question.message_uuid == chat.question.uuid
    assert ("tide", True) in question.snippet


def test_answers_are_found_once_they_ended(alice, chat):
    [hit] = search(alice, "metres")
    assert hit.message_uuid == chat.answer.uuid


def test_the_last_word_may_be_a_beginning_and_others_must_be_whole(alice, chat):
    assert search(alice, "high tid")
    assert not search(alice, "tid high")


def test_all_words_must_occur(alice, chat):
    assert not search(alice, "tide submarine")


def test_case_and_accents_do_not_matter(alice, model):
    Chat.begin(alice, model, "Café in ÜBERLINGEN")
    assert search(alice, "cafe uberlingen")


def test_scripts_without_spaces_are_found_inside_a_clause(alice, model):
    Chat.begin(alice, model, "東京の天気はどうですか")
    hits = search(alice, "天気")
    assert ("天気", True) in hits[-1].snippet


def test_edits_renames_and_deletions_move_the_index(alice, chat):
    Conversation.objects.filter(pk=chat.conversation.pk).update(title="Currents")
    assert [hit.message_uuid for hit in search(alice, "tide")] == [chat.question.uuid]
    Message.objects.filter(pk=chat.question.pk).update(text="ebb")
    assert not search(alice, "tide")
    assert search(alice, "ebb")
    chat.conversation.delete()
    assert not search(alice, "ebb")


def test_deleted_things_are_not_found_until_they_come_back(alice, chat):
    delete_message(message=chat.answer)
    assert not search(alice, "metres")
    delete_conversation(conversation=chat.conversation)
    assert not search(alice, "tide")


def test_nobody_else_finds_it(bob, admin, chat):
    assert not search(bob, "tide")
    assert not search(admin, "tide")


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_breaks_the_search_or_finds_too_much(alice, bob, chat, model, query):
    Chat.begin(bob, model, "A secret about the tide and 1")
    assert "secret" not in " ".join(texts(search(alice, query)))
    assert Message.objects.exists()


def test_a_snippet_is_plain_text_and_the_page_escapes_it(alice_client, alice, model):
    Chat.begin(alice, model, "tide <script>alert(1)</script> \x02tide\x03")
    content = alice_client.get("/search/", {"q": "alert"}).content.decode()
    assert "<script>alert" not in content
    assert "<mark>alert</mark>" in content


def test_a_match_deep_in_a_long_text_gives_a_short_snippet(alice, model):
    chat = Chat.begin(alice, model, "Hi")
    chat.end("word " * 20_000 + "needle " + "word " * 20_000)
    [hit] = search(alice, "needle")
    assert ("needle", True) in hit.snippet
    assert len(texts([hit])[0]) < 500


def test_a_very_long_text_is_found_by_its_beginning(alice, model):
    """Its words would all be held in memory at once while it is written."""
    chat = Chat.begin(alice, model, "Hi")
    chat.end("early " + "word " * (INDEXED_CHARACTERS // 5) + "late")
    assert len(search(alice, "early")) == 1
    assert search(alice, "late") == []
    # What is taken out of the index is what was put in.
    Message.objects.filter(pk=chat.answer.pk).update(text="other " + "word " * (INDEXED_CHARACTERS // 5) + "end")
    assert search(alice, "early") == []
    assert len(search(alice, "other")) == 1
    Message.objects.filter(pk=chat.answer.pk).delete()
    assert search(alice, "other") == []


@pytest.mark.sqlite
def test_the_index_is_made_anew_from_what_is_there(transactional_db, alice, model):
    from django.core.management import call_command

    chat = Chat.begin(alice, model, "Hi")
    chat.end("early " + "word " * (INDEXED_CHARACTERS // 5) + "late")
    try:
        call_command("migrate", "chat", "0003", verbosity=0)
        # The index itself: the models of today know columns that this database does not have.
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM chat_message_search WHERE chat_message_search MATCH 'late'")
            assert cursor.fetchone() == (1,)
    finally:
        call_command("migrate", verbosity=0)
    assert len(search(alice, "early")) == 1
    assert search(alice, "late") == []
    Message.objects.filter(pk=chat.answer.pk).update(text="quite another text")
    assert search(alice, "early") == []


def test_a_search_takes_three_queries(alice, chat, django_assert_num_queries):
    with django_assert_num_queries(3):
        search(alice, "tide")


@pytest.mark.sqlite
def test_the_triggers_are_there_after_all_migrations(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        names = {name for (name,) in cursor.fetchall()}
    assert names >= {
        f"{table}_search_{event}"
        for table in ("chat_message", "chat_conversation")
        for event in ("insert", "update", "delete")
    }
