"""The runs as a file: the list's own filters, fetched as it is sent, formulas taken apart."""

import csv
import datetime
import io
from decimal import Decimal

import pytest
import time_machine
from django.test import AsyncClient

from playground.lib.csv import BOM
from playground.usage.filters import read_filters
from playground.usage.listing import FILE_HEAD, FILE_ROWS, file_rows
from playground.usage.models import LedgerEntry
from tests.chat.making import make_model
from tests.usage.spendings import NOON, correct, spend


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOON + datetime.timedelta(hours=3), tick=False):
        yield


@pytest.fixture
def model(db):
    return make_model("priced")


def read(owner, query=""):
    from django.http import QueryDict

    filters = read_filters(QueryDict(query).dict(), owner=owner.pk, today=NOON.date())
    return [
        dict(zip(FILE_HEAD, row, strict=True)) for rows in file_rows(LedgerEntry.objects.all(), filters) for row in rows
    ]


@pytest.mark.django_db
class TestRows:
    def test_hold_figures_and_corrections(self, alice, model):
        (run,) = spend(alice, model, cached_tokens=400)
        correct(run, Decimal("-0.001"))
        (row,) = read(alice)
        assert (row["run"], row["prompt_tokens"], row["cached_tokens"]) == (run, 1000, 400)
        assert (row["amount_usd"], row["corrections_usd"], row["cost_usd"]) == (
            Decimal("0.0022"),
            Decimal("-0.001"),
            Decimal("0.0012"),
        )

    def test_unpriced_is_empty_and_not_nothing(self, alice):
        spend(alice, None)
        assert read(alice)[0]["cost_usd"] is None

    def test_the_same_filters_as_the_page(self, alice, bob, model):
        spend(alice, model, 2)
        spend(alice, None, 3, status="failed")
        spend(bob, model, 4)
        counts = {
            query: len(read(alice, query))
            for query in ("", "only=unpriced", "status=failed&model=fake/gone", "source=api")
        }
        assert counts == {"": 5, "only=unpriced": 3, "status=failed&model=fake/gone": 3, "source=api": 0}

    def test_are_fetched_some_at_a_time(self, alice, model, django_assert_num_queries):
        spend(alice, model, 2 * FILE_ROWS + 1)
        batches = file_rows(LedgerEntry.objects.all(), read_filters({}, owner=alice.pk, today=NOON.date()))
        with django_assert_num_queries(1):
            first = next(batches)
        assert len(first) == FILE_ROWS
        rest = list(batches)
        assert [len(rows) for rows in rest] == [FILE_ROWS, 1]
        assert len({row[1] for rows in [first, *rest] for row in rows}) == 2 * FILE_ROWS + 1


@pytest.mark.django_db(transaction=True)
async def test_the_file_is_streamed_and_safe(alice, model):
    from asgiref.sync import sync_to_async

    await sync_to_async(spend)(alice, model, FILE_ROWS + 1)
    hostile = {
        "model_name": "=1+1",
        "resolved_model": "\N{FULLWIDTH EQUALS SIGN}1+1",
        "preset": "@a\r\n,",
        "key": "-2",
        "source": "\t+",
    }
    await sync_to_async(spend)(alice, None, ran_at=NOON - datetime.timedelta(hours=1), **hostile)
    client = AsyncClient()
    await client.aforce_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = await client.get("/usage/runs.csv")
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="usage-2026-02-14-2026-03-15.csv"'
    parts = [part.decode() async for part in response.streaming_content]
    assert len(parts) == 3
    text = "".join(parts)
    assert text.startswith(BOM)
    head, *rows = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))
    assert head == list(FILE_HEAD)
    assert len(rows) == FILE_ROWS + 2
    last = dict(zip(head, rows[-1], strict=True))
    assert {name: last[{"model_name": "model"}.get(name, name)] for name in hostile} == {
        name: f"'{value}" for name, value in hostile.items()
    }
    assert dict(zip(head, rows[0], strict=True))["cost_usd"] == "0.0028"
