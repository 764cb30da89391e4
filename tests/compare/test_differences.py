"""How answers of two columns differ, as the page shows it: by kind, bounded, escaped, and nobody else's business."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playground.compare import differences
from playground.compare.differences import Way, compare, path_text
from playground.compare.services.posting import post_to_all
from playground.compare.settings import ColumnSettings
from playground.lib.differences import Piece
from tests.chat.making import end_answer


def test_prose_is_compared_by_word():
    found = compare("It is old.", "It is new.")
    assert found.way == Way.WORDS
    assert (found.removed, found.added) == (1, 1)
    assert list(found.paragraphs[0]) == [
        Piece("same", "It is "),
        Piece("removed", "old"),
        Piece("added", "new"),
        Piece("same", "."),
    ]


def test_json_is_compared_by_path_whatever_its_spaces_and_fences():
    found = compare('{"a": 1, "b": [1, 2]}', '```json\n{"b": [1, 2, 3],\n "a": 1}\n```')
    assert found.way == Way.STRUCTURE
    assert [(place.kind, place.path, place.before, place.after) for place in found.places] == [
        ("added", "$.b[2]", "", "3")
    ]


def test_code_is_compared_by_line():
    code = "```python\ndef f():\n    return {}\n```"
    found = compare(code.format(1), code.format(2))
    assert found.way == Way.LINES
    assert (found.removed, found.added) == (1, 1)


def test_what_is_no_json_is_compared_by_line_and_said_to_be():
    found = compare("one", "two", Way.STRUCTURE)
    assert (found.way, found.is_not_json) == (Way.LINES, True)


def test_lines_far_from_a_change_are_folded():
    before = [f"line {number}\n" for number in range(100)]
    after = [*before[:50], "something else\n", *before[51:]]
    found = compare("".join(before), "".join(after), Way.LINES)
    folded = [len(group.lines) for group in found.groups if group.is_folded]
    assert folded == [47, 46]
    assert sum(len(group.lines) for group in found.groups) == 101


def test_only_so_much_is_compared_and_shown(monkeypatch):
    monkeypatch.setattr(differences, "MOST_CHARACTERS", 10)
    found = compare("0123456789 more", "0123456789 less")
    assert found.is_same
    assert found.is_cut


def test_a_long_value_is_cut(monkeypatch):
    found = compare('{"a": "x"}', json.dumps({"a": "y" * 5000}))
    assert len(found.places[0].after) == differences.MOST_OF_A_VALUE + 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [((), "$"), (("a", 0, "b c"), '$.a[0]["b c"]'), (('"',), '$["\\""]')],
)
def test_paths_are_written_as_json_path(path, expected):
    assert path_text(path) == expected


# --- the page ---


def ask(comparison, *texts):
    """One question, and an answer in each column."""
    posted = post_to_all(owner=comparison.owner, comparison=comparison, text="Why?")
    for one, text in zip(posted, texts, strict=True):
        end_answer(one.answer, text)
    return posted


def difference_of(client, column, baseline, **query):
    return client.get(reverse("column_difference", args=[column.uuid]), {"baseline": baseline.uuid, **query})


@pytest.mark.django_db
def test_a_column_shows_how_it_differs_from_the_baseline(htmx_client, comparison, columns):
    ask(comparison, "It is old.", "It is new.")
    page = difference_of(htmx_client, columns[1], columns[0]).content.decode()
    assert "It is <del>old</del><ins>new</ins>." in page
    assert "against column 1" in page


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["auto", "words", "lines", "structure"])
def test_answers_are_escaped(htmx_client, comparison, columns, way):
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    ask(comparison, json.dumps([hostile]), json.dumps([hostile + "</del>", {hostile: 1}]))
    page = difference_of(htmx_client, columns[1], columns[0], way=way).content.decode()
    assert "onerror" in page
    assert "<img" not in page
    assert "<script" not in page


@pytest.mark.django_db
def test_while_an_answer_is_written_there_is_a_sentence_instead(htmx_client, comparison, columns):
    post_to_all(owner=comparison.owner, comparison=comparison, text="Why?")
    page = difference_of(htmx_client, columns[1], columns[0]).content.decode()
    assert "still being written" in page


@pytest.mark.django_db
def test_columns_of_other_comparisons_and_of_other_people_do_not_exist(htmx_client, bob, columns, make_comparison):
    comparison = columns[0].comparison
    client = Client()
    ask(comparison, "It is old.", "It is new.")
    other = make_comparison().columns.first()
    assert difference_of(htmx_client, columns[1], other).status_code == 404
    assert htmx_client.get(reverse("column_difference", args=[columns[1].uuid])).status_code == 404
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert difference_of(client, columns[1], columns[0]).status_code == 404


@pytest.mark.django_db
def test_the_queries_do_not_grow_with_the_columns(htmx_client, make_comparison, model):
    counts = []
    for number in (2, 2, 8):  # the first request of a test has more to ask
        made = make_comparison(*[ColumnSettings(model.public_name)] * number)
        ask(made, *["Text."] * number)
        first, second = list(made.columns.all())[:2]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert difference_of(htmx_client, second, first).status_code == 200
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 8
