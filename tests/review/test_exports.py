"""Files of figures: right, safe in a spreadsheet, and never held whole."""

import csv
import json
from decimal import Decimal

import pytest
from django.urls import reverse

from playground.review import exports, runs
from playground.usage.models import LedgerEntry
from tests.review.making import MARCH, body_of, correct, days, enter, spend, spending


@pytest.fixture
def rows(admin_client):
    def ask(name, kind, query=MARCH):
        answer = admin_client.get(f"{reverse(name)}?{query}&format={kind}")
        assert answer["Content-Disposition"].startswith("attachment; ")
        body = body_of(answer)
        return json.loads(body) if kind == "json" else list(csv.DictReader(body.splitlines()))

    return ask


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "json"])
class TestRuns:
    def test_every_run_once_in_order_over_batches(self, kind, alice, model, rows, monkeypatch):
        monkeypatch.setattr(runs, "BATCH", 7)
        enter([spending(alice, model, ran_at=days(number % 5 - 2)) for number in range(40)])
        found = rows("usage_review_export", kind)
        assert len({row["run"] for row in found}) == 40
        assert [row["day"] for row in found] == sorted(row["day"] for row in found)

    def test_amounts_are_exact_and_with_corrections(self, kind, alice, model, unpriced, rows):
        entry = spend(alice, model)
        correct(entry, Decimal("0.000000001"))
        spend(alice, unpriced)
        amounts = {row["model"]: row["amount_usd"] for row in rows("usage_review_export", kind)}
        assert amounts["fake/priced"] == "0.002800001"
        assert not amounts["fake/unpriced"]  # unpriced is not 0

    def test_filters_hold(self, kind, alice, bob, model, rows):
        spend(alice, model)
        spend(bob, model, status="failed")
        assert [row["user"] for row in rows("usage_review_export", kind, f"{MARCH}&status=failed")] == ["bob"]

    def test_nothing_is_a_file_too(self, kind, rows):
        assert rows("usage_review_export", kind) == []


@pytest.mark.django_db(transaction=True)
def test_hostile_cells_are_no_formulas(alice, model, rows):
    alice.username = "=cmd|' /C calc'!A0"
    alice.save()
    spend(alice, model, model_name="fake/x", resolved_model="+1+1", key="@SUM(A1)", preset="\N{FULLWIDTH EQUALS SIGN}1")
    (row,) = rows("usage_review_export", "csv")
    assert [row[name][0] for name in ("user", "resolved_model", "key", "preset")] == ["'"] * 4
    assert row["prompt_tokens"] == "1000"
    (line,) = rows("usage_review_breakdown", "csv", f"{MARCH}&by=user")
    assert line["name"] == "'=cmd|' /C calc'!A0"


@pytest.mark.django_db
def test_no_more_than_a_batch_is_held(alice, model, monkeypatch):
    """Counted, not timed: entries that are alive while the file is made."""
    monkeypatch.setattr(runs, "BATCH", 10)
    enter([spending(alice, model) for _ in range(200)])
    alive, most = set(), []
    make = LedgerEntry.from_db.__func__

    class Watched:
        def __init__(self, number):
            self.number = number

        def __del__(self):
            alive.discard(self.number)

    counter = iter(range(10_000))

    def from_db(cls, *args):
        entry = make(cls, *args)
        entry.watched = Watched(number := next(counter))
        alive.add(number)
        return entry

    monkeypatch.setattr(LedgerEntry, "from_db", classmethod(from_db))
    from playground.review.selection import Filters, Selection
    from playground.usage.periods import CUSTOM, Choice, Period

    selection = Selection(Choice(CUSTOM, Period(days(0).date(), days(0).date())), Filters())
    seen = 0
    for batch in exports.run_rows(runs.batches(selection, runs.Which())):
        seen += len(batch)
        most.append(len(alive))
    assert seen == 200
    assert max(most) <= 3 * 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dimension", ["user", "group", "model", "provider", "source", "key"])
def test_tables_as_files_have_every_line(dimension, alice, bob, model, rows):
    spend(alice, model, source="api", key="sk-1")
    spend(bob, model)
    found = rows("usage_review_breakdown", "json", f"{MARCH}&by={dimension}")
    assert sum(row["runs"] for row in found) == 2
    assert sum(Decimal(row["amount_usd"]) for row in found) == Decimal("0.0056")


@pytest.mark.django_db
def test_a_table_that_there_is_not(admin_client):
    assert admin_client.get(reverse("usage_review_breakdown"), {"by": "password"}).status_code == 404
