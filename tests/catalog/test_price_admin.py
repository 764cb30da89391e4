"""Prices by date in the admin, and why a row that runs were priced by stays as it is."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from playground.catalog import default_prices
from playground.catalog.loading import load_shipped
from playground.catalog.models import Model, Price, PriceSource, Provider
from playground.usage.ledger import record
from tests.chat.making import make_model
from tests.usage.test_ledger import spent

pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    return make_model("priced")


def form(model, *rows, **more):
    """The admin's form of `model` as it stands, with price rows as given."""
    fields = {
        **{name: getattr(model, name) or "" for name in ("name", "title", "developer", "description", "replaced_by")},
        "provider": model.provider_id,
        "is_enabled": "on",
        "position": model.position,
        "max_images": 0,
        "context_tokens": "",
        "max_output_tokens": "",
        "knowledge_cutoff": "",
        "retires_on": "",
        "tokenizer": "",
        "capabilities": "[]",
        "image_tokens": "{}",
        "form_schema": "{}",
        "card": "{}",
        "prices-TOTAL_FORMS": len(rows),
        "prices-INITIAL_FORMS": sum(1 for row in rows if row.get("id")),
        "prices-MIN_NUM_FORMS": 0,
        "prices-MAX_NUM_FORMS": 1000,
    }
    for number, row in enumerate(rows):
        fields |= {f"prices-{number}-{name}": value for name, value in row.items()}
    return fields | more


def as_row(price, **changed):
    names = ("id", "input", "cached_input", "output")
    return {**{name: getattr(price, name) for name in names}, "starts_on": price.starts_on.isoformat(), **changed}


def new_row(day="2026-05-01", price="3"):
    return {"id": "", "starts_on": day, "input": price, "cached_input": "", "output": price}


def save(client, model, *rows):
    return client.post(f"/admin/catalog/model/{model.pk}/change/", form(model, *rows))


def test_a_row_from_another_day_is_added_as_the_admins(admin_client, alice, model):
    record([spent(alice, model)])
    (old,) = model.prices.all()
    assert save(admin_client, model, as_row(old), new_row()).status_code == 302
    added = model.prices.get(starts_on=datetime.date(2026, 5, 1))
    assert (added.input, added.source, added.note) == (3, PriceSource.ADMIN, "")


@pytest.mark.parametrize("change", [{"input": "9"}, {"starts_on": "2025-02-01"}, {"DELETE": "on"}], ids=str)
def test_a_row_that_runs_were_priced_by_stays_and_the_way_out_is_said(admin_client, alice, model, change):
    record([spent(alice, model)])
    (old,) = model.prices.all()
    answer = save(admin_client, model, as_row(old, **change))
    assert answer.status_code == 200
    assert "re-price a period" in answer.text
    assert list(model.prices.values_list("input", "starts_on")) == [(2, datetime.date(2025, 1, 1))]


@pytest.mark.parametrize("change", [{"input": "9"}, {"DELETE": "on"}], ids=str)
def test_a_row_that_nothing_was_computed_from_may_change(admin_client, model, change):
    (old,) = model.prices.all()
    assert save(admin_client, model, as_row(old, **change)).status_code == 302
    assert [row.input for row in model.prices.all()] in ([9], [])


def test_the_page_shows_the_history_and_leads_to_re_pricing(admin_client, model):
    Price.objects.create(
        model=model, starts_on=datetime.date(2026, 4, 1), input=1, output=1, source=PriceSource.DEFAULT, note="a-list 7"
    )
    page = admin_client.get(f"/admin/catalog/model/{model.pk}/change/").text
    assert "a-list 7" in page
    assert "/admin/usage/repricing/add/?what=fake/priced" in page
    assert "2025-01-01" in page
    assert "2026-04-01" in page


def test_a_model_added_by_hand_has_its_default_price(admin_client, model, monkeypatch):
    data = {
        "package": "a-list",
        "version": "7",
        "providers": [
            {
                "id": "acme",
                "api_pattern": r"https://api\.acme\.example",
                "models": [
                    {"id": "m", "match": {"equals": "m"}, "prices": [{"input": "1", "output": "4"}]},
                    {"id": "t", "match": {"equals": "t"}, "without": "tiers"},
                ],
            }
        ],
    }
    monkeypatch.setattr(default_prices, "read_data", lambda name: data)
    provider = Provider.objects.create(slug="acme-1", name="Acme", base_url="https://api.acme.example/v1")
    for name, rows in (("m", ()), ("t", ()), ("mine", (new_row(),))):
        fields = form(Model(provider=provider, name=name, title=name), *rows)
        assert admin_client.post("/admin/catalog/model/add/", fields).status_code == 302
    assert list(provider.models.get(name="m").prices.values_list("input", "note")) == [(1, "a-list 7")]
    assert list(provider.models.get(name="mine").prices.values_list("input", "source")) == [(3, "admin")]
    tiered = provider.models.get(name="t")
    assert not tiered.prices.exists()
    assert "tiers" in admin_client.get(f"/admin/catalog/model/{tiered.pk}/change/").text


def test_the_list_takes_as_many_queries_for_many_models(admin_client, model, django_assert_max_num_queries):
    made = Model.objects.bulk_create(
        Model(provider=model.provider, name=f"m{number}", title="m") for number in range(90)
    )
    Price.objects.bulk_create(
        Price(model=one, starts_on=datetime.date(2025, 1, 1), input=Decimal(1), output=Decimal(1)) for one in made
    )
    admin_client.get("/admin/catalog/model/")
    with django_assert_max_num_queries(10):
        assert "$1 / $1" in admin_client.get("/admin/catalog/model/").text


def test_what_ships_later_never_changes_a_row_that_runs_were_priced_by(alice, time_machine, monkeypatch):
    from playground.catalog import loading

    time_machine.move_to("2026-11-25T12:00:00Z")
    load_shipped()
    model = Model.objects.get(name="gpt-4.1")
    record([spent(alice, model, ran_at=datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC))])
    read = loading.read_data

    def dearer(name):
        rows = read(name)
        for row in rows:
            if row.get("name") == "gpt-4.1":
                row["prices"][0]["input"] = "2.50"
        return rows

    monkeypatch.setattr(loading, "read_data", dearer)
    for _start in range(2):
        load_shipped()
        time_machine.move_to("2026-11-27T12:00:00Z")
    prices = [(row.starts_on.isoformat(), row.input) for row in model.prices.order_by("starts_on")]
    assert prices == [("2025-04-14", 2), ("2026-11-25", Decimal("2.50"))]


def test_the_models_page_says_that_a_price_is_a_default(alice_client, model):
    assert "default price list" not in alice_client.get("/models/fake/priced/").text
    model.prices.update(source=PriceSource.DEFAULT, note="a-list 7")
    assert "default price list (a-list 7)" in alice_client.get("/models/fake/priced/").text
