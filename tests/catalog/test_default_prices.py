"""The price list that ships: what the package says, for the right server and model, and never over what somebody entered."""

import datetime
import importlib.util
import json
from decimal import Decimal
from pathlib import Path

import pytest

from playground.catalog import default_prices
from playground.catalog.default_prices import PriceList, give_default_prices, matches
from playground.catalog.listing import store_listing
from playground.catalog.loading import load_default_prices
from playground.catalog.models import Model, Price, PriceSource, Provider
from playground.catalog.schemas import DATA_DIR, read_data
from playground.upstream.types import ListedModel

ROOT = Path(__file__).resolve().parent.parent.parent
GROQ = "https://api.groq.com/openai/v1"
TODAY = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("default_prices_script", ROOT / "scripts" / "default_prices.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def prices():
    return PriceList()


def a_list(*models, version="1", **provider):
    one = {"id": "acme", "api_pattern": r"https://api\.acme\.example", "models": list(models), **provider}
    return {"package": "a-list", "version": version, "providers": [one]}


def entry(name="m", **fields):
    return {"id": name, "match": {"equals": name}, "prices": [{"input": "1", "output": "4"}], **fields}


@pytest.fixture
def acme(db):
    return Provider.objects.create(slug="acme-1", name="Acme", base_url="https://api.acme.example/v1")


@pytest.fixture
def listed(monkeypatch):
    """The list says this from now on."""

    def say(*models, **more):
        monkeypatch.setattr(default_prices, "read_data", lambda name: a_list(*models, **more))

    return say


class TestFile:
    def test_it_is_what_the_pinned_package_makes(self, script):
        again = "run scripts/default_prices.py"
        assert (DATA_DIR / "default_prices.json").read_text(encoding="utf-8") == script.render(), again
        assert (DATA_DIR / "default_prices.LICENSE").read_text(encoding="utf-8") == script.licence(), again

    def test_it_says_what_the_package_says(self, prices):
        """Each model that the list prices, by the package's own look-up and arithmetic."""
        from genai_prices import Usage, calc_price
        from genai_prices.data import providers

        when = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
        usage = Usage(input_tokens=1_000_000, cache_read_tokens=400_000, output_tokens=1_000_000)
        compared = 0
        for provider in providers:
            for model in provider.models:
                found = prices.find(base_url="https://nowhere.example", slug=provider.id, name=model.id)
                if found is None or not found.prices:
                    continue
                now = [one for one in found.prices if not one.starts_on or one.starts_on <= when.date()][-1]
                cached = now.input if now.cached_input is None else now.cached_input
                ours = (now.input * 6 + cached * 4) / 10 + now.output
                theirs = calc_price(usage, model.id, provider_id=provider.id, genai_request_timestamp=when)
                assert ours == theirs.total_price, (provider.id, model.id)
                compared += 1
        assert compared > 500

    def test_shipped_prices_are_the_packages(self, prices):
        for row in read_data("models"):
            if row["provider"] == "openai":
                (now,) = prices.find(base_url="https://api.openai.com/v1", slug="openai", name=row["name"]).prices
                (ours,) = row["prices"]
                names = ("input", "cached_input", "output")
                assert [getattr(now, name) for name in names] == [Decimal(ours[name]) for name in names]

    def test_the_package_is_not_part_of_the_product(self):
        assert "genai" not in (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")


class TestFinding:
    @pytest.mark.parametrize(
        ("base_url", "slug", "name", "is_found"),
        [
            ("https://api.acme.example/v1", "x", "m", True),
            ("https://api.acme.example", "x", "M", True),
            ("https://api.acme.example:8443/v1", "x", "m", True),
            ("http://proxy:4000", "acme", "m", True),
            ("https://api.acme.example.evil.example/v1", "x", "m", False),
            ("https://evil.example/https://api.acme.example", "x", "m", False),
            ("http://proxy:4000", "acme-1", "m", False),
            ("https://api.acme.example/v1", "x", "mm", False),
        ],
    )
    def test_by_address_else_by_slug_and_by_the_id(self, base_url, slug, name, is_found):
        found = PriceList(a_list(entry())).find(base_url=base_url, slug=slug, name=name)
        assert (found is not None) is is_found

    @pytest.mark.parametrize(
        ("logic", "fits", "does_not"),
        [
            ({"equals": "M-1"}, "m-1", "m-1x"),
            ({"starts_with": "m-"}, "m-1", "xm-1"),
            ({"ends_with": ":free"}, "m:free", "m:freed"),
            ({"contains": "-1"}, "m-1x", "m1"),
            ({"regex": r"^m-\d+$"}, "m-12", "m-1x"),
            ({"or": [{"equals": "a"}, {"equals": "b"}]}, "b", "c"),
            ({"and": [{"starts_with": "a"}, {"ends_with": "b"}]}, "ab", "ac"),
        ],
    )
    def test_ids_match_as_in_the_package(self, logic, fits, does_not):
        assert matches(logic, fits)
        assert not matches(logic, does_not)

    def test_tiers_and_the_like_are_no_price(self, prices):
        found = prices.find(base_url="https://generativelanguage.googleapis.com", slug="x", name="gemini-2.5-pro")
        assert found is not None
        assert (list(found.prices), found.without) == ([], "tiers")

    def test_a_model_of_another_provider_is_found_where_it_is_sold(self, prices):
        found = prices.find(base_url="https://me.openai.azure.com/openai/v1", slug="x", name="gpt-4.1")
        assert found is not None
        assert [(one.input, one.output) for one in found.prices] == [(2, 8)]


@pytest.mark.django_db
class TestGiving:
    def give(self, time_machine=None):
        return give_default_prices(Model.objects.select_related("provider").prefetch_related("prices"))

    def rows(self, model):
        return [
            (row.starts_on.isoformat(), row.input, row.source, row.note) for row in model.prices.order_by("starts_on")
        ]

    def test_a_listed_model_has_its_price_from_today_on(self, acme, listed, time_machine):
        time_machine.move_to(TODAY)
        listed(entry())
        store_listing(acme, [ListedModel(id="m"), ListedModel(id="other")])
        assert self.rows(acme.models.get(name="m")) == [("2026-11-25", 1, "default", "a-list 1")]
        assert self.rows(acme.models.get(name="other")) == []

    def test_days_that_the_list_gives_count(self, acme, listed, time_machine):
        time_machine.move_to(TODAY)
        dated = [("2026-01-01", "2"), ("2026-06-01", "3"), ("2027-01-01", "4")]
        later = [{"starts_on": day, "input": price, "output": price} for day, price in dated]
        listed(entry(prices=[{"input": "1", "output": "4"}, *later]))
        model = Model.objects.create(provider=acme, name="m", title="m")
        assert self.give() == 2
        assert [row[:2] for row in self.rows(model)] == [("2026-06-01", 3), ("2027-01-01", 4)]

    def test_a_newer_list_adds_a_row_and_changes_none(self, acme, listed, time_machine):
        time_machine.move_to(TODAY)
        listed(entry())
        model = Model.objects.create(provider=acme, name="m", title="m")
        assert self.give() == 1
        assert self.give() == 0
        time_machine.move_to(TODAY + datetime.timedelta(days=30))
        listed(entry(prices=[{"input": "0.5", "output": "4"}]), version="2")
        assert load_default_prices() == 1
        assert load_default_prices() == 0
        assert self.rows(model) == [
            ("2026-11-25", 1, "default", "a-list 1"),
            ("2026-12-25", Decimal("0.5"), "default", "a-list 2"),
        ]

    @pytest.mark.parametrize("source", [PriceSource.ADMIN, PriceSource.SHIPPED])
    def test_rows_of_others_always_win(self, acme, listed, source):
        listed(entry())
        model = Model.objects.create(provider=acme, name="m", title="m")
        Price.objects.create(model=model, starts_on=datetime.date(2020, 1, 1), input=9, output=9, source=source)
        assert self.give() == 0

    def test_an_embedded_model_and_a_private_server_have_none(self, acme, listed):
        listed(entry())
        acme.is_embedded = True
        acme.save()
        other = Provider.objects.create(slug="mine", name="Mine", base_url="http://127.0.0.1:11434/v1")
        for provider in (acme, other):
            Model.objects.create(provider=provider, name="m", title="m")
        assert self.give() == 0

    def test_any_number_of_models_takes_as_many_queries(self, acme, listed, django_assert_num_queries):
        listed(*(entry(f"m{number}") for number in range(100)))
        Model.objects.bulk_create(Model(provider=acme, name=f"m{number}", title="m") for number in range(100))
        with django_assert_num_queries(3):
            assert load_default_prices() == 100
        with django_assert_num_queries(2):
            assert load_default_prices() == 0


def test_the_file_is_readable_and_says_where_it_is_from():
    data = json.loads((DATA_DIR / "default_prices.json").read_text(encoding="utf-8"))
    assert (data["package"], "MIT" in data["license"]) == ("genai-prices", True)
    assert "Permission is hereby granted" in (DATA_DIR / "default_prices.LICENSE").read_text(encoding="utf-8")
