"""The catalogue's pages."""

from __future__ import annotations

import datetime
import json
import shlex
from decimal import Decimal

import pytest

from playground.catalog.examples import curl_example
from playground.catalog.models import Model, Price, Provider

HTMX = {"HX-Request": "true"}


def names_in(html: str) -> set[str]:
    return {name for name in ("gpt-4.1-mini", "gpt-4.1-nano", "SmolLM2") if name in html}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"gpt-4.1-mini", "gpt-4.1-nano", "SmolLM2"}),
        ("q=mini", {"gpt-4.1-mini"}),
        ("q=hugging+face", {"SmolLM2"}),
        ("provider=embedded", {"SmolLM2"}),
        ("capability=vision", {"gpt-4.1-mini", "gpt-4.1-nano"}),
        ("capability=seed&q=small", {"SmolLM2"}),
        ("q=nothing+like+that", set()),
        ("q=%00%27%22--&provider=%3Cb%3E", set()),
    ],
)
def test_list_is_searched_by_words_provider_and_capability(alice_client, catalogue, query, found):
    assert names_in(alice_client.get(f"/models/?{query}", headers=HTMX).text) == found


def test_search_is_a_fragment_for_htmx_and_a_page_otherwise(alice_client, catalogue):
    assert alice_client.get("/models/", headers=HTMX).text.lstrip().startswith("<ul")
    assert "<!doctype html>" in alice_client.get("/models/").text


def test_list_tells_prices_retirement_and_what_is_free(alice_client, catalogue, time_machine):
    time_machine.move_to("2026-11-22")
    html = alice_client.get("/models/", headers=HTMX).text
    assert "$0.025" in html
    assert "retires in 53 days" in html
    assert ">retired<" in html
    assert "free, runs here" in html


def test_model_without_a_price_is_unpriced_and_not_free(alice_client, local_model):
    Price.objects.all().delete()
    assert "free" not in alice_client.get("/models/", headers=HTMX).text.lower().replace("freely", "")
    assert "unpriced" in alice_client.get("/models/", headers=HTMX).text


def test_list_takes_as_many_queries_for_fifty_models_as_for_four(
    alice_client, local_model, django_assert_max_num_queries
):
    made = Model.objects.bulk_create(
        Model(provider=local_model.provider, name=f"m{number}", title="m") for number in range(50)
    )
    Price.objects.bulk_create(
        Price(model=model, starts_on=datetime.date(2025, 1, 1), input=Decimal(1), output=Decimal(1)) for model in made
    )
    alice_client.get("/models/", headers=HTMX)  # the first request of a session also writes it
    with django_assert_max_num_queries(6):  # session, user, models, prices, providers
        assert "m49" in alice_client.get("/models/", headers=HTMX).text


def test_card_shows_every_fact(alice_client, family):
    html = alice_client.get("/models/openai/gpt-4.1/").text
    for fact in (
        *("1,047,576 tokens", "32,768 tokens", "June 1, 2024", "gpt-4.1-2025-04-14", "gpt-6-luna", "Jan. 14, 2027"),
        *("$2", "$0.50", "$8", "$3.50", "$14", "Transformer-based", "Predicted outputs", "Code interpreter"),
        *("fine-tuning", "Being wound down", "Very large context window", "GPT-5 class", "Tool-using assistants"),
        *("presence_penalty", "image_detail", "json_schema_strict", "prompt_tokens_details", "required", "deprecated"),
        *("Get API key", "needs a key"),
    ):
        assert fact in html, fact


def test_card_of_what_can_be_used_leads_into_a_chat(alice_client, local_model, vision_model):
    html = alice_client.get(f"/models/{local_model.public_name}/").text
    assert f'href="/?model={local_model.public_name}"' in html
    assert "Try in Playground" in html
    assert "Try in Playground" not in alice_client.get("/models/openai/gpt-4.1/").text


def test_card_of_a_model_whose_name_holds_slashes_is_found(alice_client, local_model):
    Model.objects.create(provider=local_model.provider, name="accounts/x/models/y", title="Y")
    assert alice_client.get("/models/embedded/accounts/x/models/y/").status_code == 200


def test_card_of_what_is_absent_or_switched_off_is_not_found(alice_client, family):
    Model.objects.filter(name="gpt-4.1").update(is_enabled=False)
    absent = alice_client.get("/models/openai/absent/")
    hidden = alice_client.get("/models/openai/gpt-4.1/")
    assert absent.status_code == hidden.status_code == 404


@pytest.mark.parametrize(
    "name", ["plain", "it's", "$(touch /tmp/x)", "`id`", 'a"b', "a\\b", "-d", "a\nb", "</pre><script>"]
)
def test_request_example_is_safe_to_paste_whatever_a_model_is_called(alice_client, vision_model, name):
    provider = Provider.objects.create(slug="other", name="Other", base_url="https://example.org/it's/v1")
    model = Model.objects.create(provider=provider, name=name, title="t")
    words = shlex.split(curl_example(model).replace("\\\n", " "))
    assert words[:2] == ["curl", "https://example.org/it's/v1/chat/completions"]
    assert words[3] == "Authorization: Bearer $OPENAI_API_KEY"
    assert json.loads(words[-1])["model"] == name
    assert words[-2] == "-d"


def test_card_escapes_what_a_server_says_about_itself(alice_client, local_model):
    evil = "<img src=x onerror=alert(1)>"
    Model.objects.create(
        provider=local_model.provider, name="evil", title=evil, description=evil, developer=evil, capabilities=[evil]
    )
    assert "<img" not in alice_client.get("/models/embedded/evil/").text
    assert "<img" not in alice_client.get("/models/", headers=HTMX).text
