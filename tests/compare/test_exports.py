"""A comparison as a file: every answer with its settings and figures, receipts in the JSON, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.urls import reverse

from playground.compare.services.columns import columns_of
from playground.compare.services.posting import post_to_all
from playground.compare.turns import turns_of
from playground.compare.verdicts import give_verdict
from tests.chat.making import end_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(comparison):
    posted = post_to_all(owner=comparison.owner, comparison=comparison, text="=cmd|' /C calc'!A0")
    first, _second = [end_answer(one.answer, text) for one, text in zip(posted, ["+1", 'Two,\n"words"'], strict=True)]
    columns = columns_of(comparison)
    give_verdict(
        comparison=comparison, columns=columns, turn_key=turns_of(columns)[0].key, winner=first.uuid, note="@SUM(A1)"
    )
    return comparison


def export(client, comparison, kind):
    page = client.get(reverse(f"comparison_export_{kind}", args=[comparison.uuid]))
    assert page.status_code == 200
    assert page["Content-Disposition"].startswith("attachment")
    assert page["X-Content-Type-Options"] == "nosniff"
    return page.content.decode("utf-8-sig")


def test_csv_has_a_row_for_each_answer(htmx_client, asked):
    rows = list(csv.DictReader(io.StringIO(export(htmx_client, asked, "csv"))))
    assert [(row["turn"], row["column"], row["set.temperature"], row["verdict"]) for row in rows] == [
        ("1", "1", "0.2", "won"),
        ("1", "2", "0.9", "lost"),
    ]
    assert [row["completion_tokens"] for row in rows] == ["50", "50"]
    assert all(float(row["cost_usd"]) > 0 for row in rows)
    assert rows[1]["answer"] == 'Two,\n"words"'


def test_csv_holds_no_formula(htmx_client, asked):
    rows = list(csv.DictReader(io.StringIO(export(htmx_client, asked, "csv"))))
    assert rows[0]["question"].startswith("'=")
    assert rows[0]["answer"] == "'+1"
    assert rows[0]["verdict_note"].startswith("'@")


def test_json_has_everything_and_the_receipts(htmx_client, asked):
    found = json.loads(export(htmx_client, asked, "json"))
    assert (found["format"], found["version"]) == ("playground.comparison", 1)
    assert [column["conversation"]["parameters"] for column in found["columns"]] == [
        {"temperature": 0.2},
        {"temperature": 0.9},
    ]
    [receipt] = found["columns"][0]["receipts"]
    assert receipt["body"]["temperature"] == 0.2
    assert receipt["body"]["messages"] == [{"role": "user", "content": "=cmd|' /C calc'!A0"}]
    assert receipt["set"]["temperature"] == "user"
    assert found["verdicts"][0]["contenders"][0]["won"] is True


def test_markdown_can_be_read(htmx_client, asked):
    text = export(htmx_client, asked, "md")
    assert text.startswith("# ")
    assert "## Turn 1" in text
    assert "### Column 1: fake/fake-vision (the best)" in text
    assert "temperature 0.9" in text
    assert "> @SUM(A1)" in text


@pytest.mark.parametrize("kind", ["csv", "json", "md"])
def test_an_empty_comparison_can_be_exported(htmx_client, comparison, kind):
    assert export(htmx_client, comparison, kind)
