"""Loading is idempotent, brings shipped rows up to date and keeps what an admin changed."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from playground.catalog.models import Model, Price, Provider, RowSource
from playground.catalog.schemas import read_data

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def rows() -> list[list[dict]]:
    return [list(kind.objects.order_by("pk").values()) for kind in (Provider, Model, Price)]


def load(capsys) -> str:
    call_command("load_catalog")
    return capsys.readouterr().out


def test_loading_twice_changes_nothing(capsys):
    load(capsys)
    before = rows()
    assert "0 new, 0 brought up to date, 0 left" in load(capsys)
    assert rows() == before


def test_quiet_loading_says_nothing(capsys):
    call_command("load_catalog", verbosity=0)
    assert capsys.readouterr().out == ""


def test_shipped_row_that_fell_behind_is_brought_up_to_date(capsys, family):
    model = family["openai/gpt-4.1"]
    Model.objects.filter(pk=model.pk).update(title="Old", retires_on=None)
    assert "1 brought up to date" in load(capsys)
    model.refresh_from_db()
    assert (model.title, model.retires_on) == ("GPT-4.1", datetime.date(2027, 1, 14))


@pytest.mark.parametrize(
    ("kind", "change"),
    [(Provider, {"name": "Ours"}), (Model, {"title": "Ours"}), (Price, {"output": Decimal(9)})],
)
def test_what_an_admin_changed_stays(capsys, catalogue, kind, change):
    row = kind.objects.first()
    kind.objects.filter(pk=row.pk).update(**change, source=RowSource.ADMIN)
    assert "1 left as an admin set them" in load(capsys)
    assert kind.objects.filter(pk=row.pk, **change).exists()


def test_key_headers_and_switches_are_never_touched(capsys, catalogue):
    Provider.objects.filter(slug="openai").update(api_key="sk-entered", headers='{"X-A": "b"}', is_enabled=False)
    Model.objects.filter(name="gpt-4.1").update(is_enabled=False)
    load(capsys)
    provider = Provider.objects.get(slug="openai")
    assert (provider.api_key, provider.headers, provider.is_enabled) == ("sk-entered", '{"X-A": "b"}', False)
    assert not Model.objects.get(name="gpt-4.1").is_enabled


@pytest.mark.parametrize(
    ("name", "prices", "priority", "retires_on"),
    [
        ("gpt-4.1", ("2.00", "0.50", "8.00"), ("3.50", "14.00"), "2027-01-14"),
        ("gpt-4.1-mini", ("0.40", "0.10", "1.60"), ("0.70", "2.80"), "2027-01-14"),
        ("gpt-4.1-nano", ("0.10", "0.025", "0.40"), ("0.20", "0.80"), "2026-10-23"),
    ],
)
def test_family_carries_every_fact_of_the_reference(family, name, prices, priority, retires_on):
    model = family[f"openai/{name}"]
    price = model.price_at(datetime.date(2026, 11, 22))
    assert (price.input, price.cached_input, price.output) == tuple(Decimal(amount) for amount in prices)
    assert (model.card["priority_price"]["input"], model.card["priority_price"]["output"]) == priority
    assert (model.context_tokens, model.max_output_tokens) == (1_047_576, 32_768)
    assert model.knowledge_cutoff == datetime.date(2024, 6, 1)
    assert model.retires_on == datetime.date.fromisoformat(retires_on)
    assert model.card["snapshots"] == [f"{name}-2025-04-14"]
    assert model.tokenizer == "o200k_base"
    assert model.max_images == 500
    assert {"vision", "streaming", "tools", "json_schema", "predicted_outputs", "fine_tuning"} <= set(
        model.capabilities
    )
    assert {"chat/completions", "responses", "batch"} <= {endpoint["path"] for endpoint in model.card["endpoints"]}
    assert model.card["modalities"] == {"input": ["text", "image"], "output": ["text"]}
    assert model.card["hosted_tools"] == [
        "Web search",
        "File search",
        "Image generation",
        "Code interpreter",
        "MCP",
    ]
    assert model.card["strengths"]
    assert model.card["considerations"]
    assert model.card["use_cases"]


def test_image_token_methods_are_those_of_the_reference(family):
    assert family["openai/gpt-4.1"].image_tokens == {"method": "tile", "base": 85, "per_tile": 170}
    assert family["openai/gpt-4.1-mini"].image_tokens == {"method": "patch", "multiplier": 1.62}
    assert family["openai/gpt-4.1-nano"].image_tokens == {"method": "patch", "multiplier": 2.46}


def test_replacement_is_named_where_it_is_known(family):
    assert family["openai/gpt-4.1"].replaced_by == family["openai/gpt-4.1-mini"].replaced_by == "gpt-6-luna"
    assert "gpt-6.1-sol" in family["openai/gpt-4.1"].card["retirement_note"]


def test_embedded_model_carries_its_own_facts(local_model):
    assert local_model.card["license"] == "Apache-2.0"
    assert local_model.card["parameters"] == "135M"
    assert local_model.context_tokens == 8192
    assert not local_model.has_vision
    assert not local_model.provider.requires_key
    assert local_model.provider.continue_style == "prefill"
    assert local_model.price_at(datetime.date(2026, 11, 22)).output == 0
    assert "machine" in local_model.card["price_note"]


def test_no_code_names_a_model():
    names = {row["name"].lower() for row in read_data("models")}
    pattern = re.compile("|".join(re.escape(name) + r"(?![\w-])" for name in names))
    # The weights' own distribution is named where it is looked up, which is a package and no catalogue row; and the words of
    # the rows stand a second time where makemessages finds them.
    allowed = {ROOT / "playground/embedded/weights.py", ROOT / "playground/catalog/card_wording.py"}
    sources = [
        path
        for folder, ends in (("playground", ".py"), ("templates", ".html"), ("static/js", ".js"))
        for path in (ROOT / folder).rglob(f"*{ends}")
        if path not in allowed
    ]
    assert len(sources) > 20
    assert [path for path in sources if pattern.search(path.read_text().lower())] == []
