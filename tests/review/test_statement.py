"""A month by our ledger, and an invoice laid beside it."""

import datetime
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from playground.review.invoice import read_invoice
from playground.review.statement import compare, resolved_names, statement, total
from playground.usage.models import LedgerEntry
from tests.chat.making import make_model
from tests.review.making import body_of, correct, days, spend
from tests.safety.things import snapshot

MARCH = datetime.date(2026, 3, 1)
ADDRESS = "/admin/usage/statement/?month=2026-03"


def differences(text):
    rows = statement(MARCH)
    return compare(rows, resolved_names(MARCH, "fake"), read_invoice(text.encode(), MARCH))


def figures(one):
    return {figure.name: (figure.ours, figure.theirs, figure.difference) for figure in one.figures}


@pytest.mark.django_db
class TestStatement:
    def test_a_month_by_model(self, alice, model, unpriced):
        spend(alice, model, cached_tokens=400)
        spend(alice, model, is_estimated=True)
        spend(alice, unpriced)
        for moment in (days(-10), days(22)):  # the last of February, the first of April
            spend(alice, model, ran_at=moment)
        priced, without = statement(MARCH)
        assert (priced.model_name, priced.runs, priced.prompt_tokens, priced.cached_tokens) == (
            "fake/priced",
            2,
            2000,
            400,
        )
        assert (priced.amount, priced.estimated_amount, priced.unpriced_runs) == (
            Decimal("0.005"),
            Decimal("0.0028"),
            0,
        )
        assert (without.amount, without.unpriced_runs) == (0, 1)

    def test_corrections_are_in_it(self, alice, model):
        correct(spend(alice, model), Decimal("-0.0008"))
        assert statement(MARCH)[0].amount == Decimal("0.002")

    def test_unpriced_is_said(self, alice, unpriced, admin_client):
        spend(alice, unpriced)
        text = admin_client.get(ADDRESS).content.decode()
        assert "unpriced</td>" in text

    @pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12", "2026-3"])
    def test_a_month_that_is_none_is_the_last_one(self, month, admin_client):
        assert admin_client.get(reverse("usage_review_statement"), {"month": month}).status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_as_a_file(self, alice, model, admin_client):
        spend(alice, model)
        (row,) = json.loads(body_of(admin_client.get(f"{ADDRESS}&format=json")))
        assert (row["model"], row["amount"], row["runs"]) == ("fake/priced", "0.0028", 1)


@pytest.mark.django_db
class TestComparison:
    def test_what_agrees_to_the_cent_is_the_same(self, alice, model):
        spend(alice, model, resolved_model="priced-2026-01-01")
        (one,) = differences("model,input_tokens,output_tokens,cost\npriced-2026-01-01,1000,100,0.003\n")
        assert one.is_same
        assert figures(one)["amount"] == (Decimal("0.0028"), Decimal("0.003"), 0)

    def test_a_cent_is_a_difference(self, alice, model):
        spend(alice, model)
        (one,) = differences("model,cost\npriced,0.0128\n")
        assert not one.is_same
        assert figures(one)["amount"][2] == Decimal("0.01")

    def test_a_token_is_a_difference(self, alice, model):
        spend(alice, model)
        (one,) = differences("model,input_tokens\npriced,999\n")
        assert figures(one) == {"prompt_tokens": (1000, 999, -1)}
        assert not one.is_same

    def test_both_ways(self, alice, model):
        spend(alice, model)
        found = differences("model,cost\nunheard-of,5\n")
        assert [(one.ours, one.theirs) for one in found] == [((), ("unheard-of",)), (("fake/priced",), ())]
        assert [figures(one)["amount"][2] for one in found] == [5, Decimal("0.00")]
        assert not any(one.is_same for one in found)

    def test_names_with_provider_snapshot_and_case(self, alice, model):
        spend(alice, model)
        for name in ("priced", "PRICED", "fake/priced", "priced-2025-04-14", "priced-20250414"):
            (one,) = differences(f"model,input_tokens\n{name},1000\n")
            assert one.is_same, name

    def test_two_of_ours_that_the_server_calls_alike_are_one(self, alice, model):
        spend(alice, model, resolved_model="priced-2026-01-01")
        spend(alice, make_model("priced-2026-01-01"), resolved_model="priced-2026-01-01")
        (one,) = differences("model,input_tokens\npriced-2026-01-01,2000\n")
        assert one.ours == ("fake/priced", "fake/priced-2026-01-01")
        assert one.is_same

    def test_the_sum_is_of_everything(self, alice, model):
        spend(alice, model)
        invoice = read_invoice(b"model,cost\npriced,1\nother,2\n", MARCH)
        assert figures(total(statement(MARCH), invoice))["amount"] == (Decimal("0.0028"), 3, Decimal("3.00"))


@pytest.mark.django_db
class TestPage:
    def send(self, client, text, name="invoice.csv", provider="fake"):
        file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
        return client.post(ADDRESS, {"provider": provider, "file": file})

    def test_differences_are_listed_and_nothing_is_kept(self, alice, model, admin_client):
        spend(alice, model)
        before = snapshot()
        answer = self.send(admin_client, "model,cost\npriced,1.50\n<script>alert(1)</script>,2\ngpt,=1+1\n")
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "+$1.50" in text
        assert "only in the invoice" in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert(1)" not in text
        assert "Line 4" in text
        assert snapshot() == before

    @pytest.mark.parametrize(
        ("text", "name"), [("no,columns\n1,2\n", "i.csv"), ("", "i.csv"), ("model,cost\nx,1\n", "i.exe")]
    )
    def test_what_cannot_be_read_says_why(self, text, name, alice, model, admin_client):
        spend(alice, model)
        answer = self.send(admin_client, text, name)
        assert answer.status_code == 422
        assert 'class="field__error"' in answer.content.decode()

    def test_a_provider_that_there_is_not(self, model, admin_client):
        assert self.send(admin_client, "model,cost\nx,1\n", provider="nobody").status_code == 422

    def test_the_ledger_is_as_it_was(self, alice, model, admin_client):
        spend(alice, model)
        self.send(admin_client, "model,cost\npriced,1.50\n")
        assert LedgerEntry.objects.count() == 1
