"""What one run was charged: tokens by kind, the price of its day, corrections."""

import datetime
from decimal import Decimal

import pytest

from playground.catalog.models import Price
from playground.usage.models import LedgerEntry
from playground.usage.receipts import charge_of
from tests.chat.making import Chat, make_model
from tests.usage.spendings import correct, spend


@pytest.fixture
def model(db):
    return make_model("priced")


def charge(run):
    return charge_of(LedgerEntry.objects.all(), run)


def shown(client, run):
    return client.get(f"/usage/runs/{run}/").content.decode()


def test_lines_add_up_to_the_amount(alice, model, django_assert_num_queries):
    (run,) = spend(alice, model, cached_tokens=400)
    with django_assert_num_queries(1):
        found = charge(run)
    assert [(line.tokens, line.price, line.amount) for line in found.lines] == [
        (600, 2, Decimal("0.0012")),
        (400, Decimal("0.5"), Decimal("0.0002")),
        (100, 8, Decimal("0.0008")),
    ]
    assert sum(line.amount for line in found.lines) == found.total == Decimal("0.0022")
    assert found.price_day == datetime.date(2025, 1, 1)


def test_the_price_row_may_be_gone(alice, model, alice_client):
    (run,) = spend(alice, model)
    Price.objects.all().delete()
    found = charge(run)
    assert (found.price_day, found.has_price, found.total) == (None, True, Decimal("0.0028"))
    assert "its row in the catalogue is gone" in shown(alice_client, run)


def test_corrections_are_listed_and_counted(alice, model, alice_client):
    (run,) = spend(alice, model)
    prices = {"input_price": Decimal("0.5"), "output_price": Decimal(5)}
    correct(run, Decimal("-0.0018"), reason="Wrong <b>price</b>", made_by_name="admin", **prices)
    assert charge(run).total == Decimal("0.001")
    text = shown(alice_client, run)
    assert "Wrong &lt;b&gt;price&lt;/b&gt;" in text
    assert "\N{MINUS SIGN}$0.0018" in text
    assert "by admin" in text
    assert "$0.50 in, $5 out per 1M" in text


@pytest.mark.parametrize(
    ("fields", "known", "says"),
    [
        ({}, True, "Measured: the tokens are what the server reported."),
        ({"is_estimated": True}, True, "Estimated: the server reported no usage"),
        ({}, False, "Unpriced: no price was known"),
        (
            {"was_sent": False, "prompt_tokens": None, "completion_tokens": None},
            False,
            "Nothing was sent, so it cost nothing.",
        ),
    ],
)
def test_it_says_how_the_amount_came_about(alice, model, alice_client, fields, known, says):  # noqa: PLR0917 - a table’s columns
    (run,) = spend(alice, model if known else None, **fields)
    text = shown(alice_client, run)
    assert says in text
    assert known or "$0" not in text or "Nothing was sent" in text


def test_the_reported_usage_is_shown_as_text(alice, model, alice_client):
    (run,) = spend(alice, model, usage={"prompt_tokens": 1000, "x": "</pre><script>"})
    text = shown(alice_client, run)
    assert "&lt;/pre&gt;&lt;script&gt;" in text


def test_the_receipt_in_the_chat_says_the_same(alice, model, alice_client):
    chat = Chat.begin(alice, model, "Hi")
    assert "In all" not in alice_client.get(f"/messages/{chat.answer.uuid}/receipt/").content.decode()
    chat.end("Hello")
    text = alice_client.get(f"/messages/{chat.answer.uuid}/receipt/").content.decode()
    assert "$0.00057" in text  # 80 at 2, 20 at 0.5, 50 at 8
    assert "The price is that of Jan. 1, 2025." in text
    assert f"/usage/runs/{chat.answer.run.uuid}/" in text
