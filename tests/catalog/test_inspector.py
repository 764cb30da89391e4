"""The Parameters form: opened, changed to another model, checked while it is filled in."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from playground.catalog.form_schema import build_form, validate
from playground.catalog.models import Model, Provider

HTMX = {"HX-Request": "true"}
FRAGMENT = '<inspector-form id="inspector-form"'


def control(html: str, name: str) -> str:
    """The tag whose aria-label is `name`, or whose label says so."""
    if found := re.search(rf'<(?:input|select|textarea)[^>]*aria-label="{name}"[^>]*>', html):
        return found.group()
    label = re.search(rf'<label[^>]*for="([^"]+)"[^>]*>{name}</label>', html)
    assert label, name
    return re.search(rf'<(?:input|select|textarea)[^>]*id="{label.group(1)}"[^>]*>', html).group()


def test_opened_plainly_it_is_a_page_and_for_htmx_a_fragment(alice_client, vision_model):
    page = alice_client.get("/inspector/", {"model": vision_model.public_name})
    assert page.status_code == 200
    assert "<!doctype html>" in page.text
    assert FRAGMENT in page.text
    fragment = alice_client.get("/inspector/", {"model": vision_model.public_name}, headers=HTMX)
    assert fragment.text.lstrip().startswith(FRAGMENT)


def test_controls_have_the_names_that_the_design_lists(alice_client, vision_model):
    html = alice_client.get("/inspector/", {"model": vision_model.public_name}, headers=HTMX).text
    for name in ("Temperature", "Top P", "Presence penalty", "Frequency penalty"):
        assert 'type="range"' in control(html, name)
        assert 'type="number"' in control(html, f"{name} value")
    for name in ("Seed", "Max completion tokens"):
        assert 'type="number"' in control(html, name)
    for name in ("Model", "Image detail", "Response format"):
        assert control(html, name).startswith("<select")
    assert control(html, "System prompt").startswith("<textarea")
    assert 'role="switch"' in control(html, "Stream")


def test_untouched_form_sends_nothing_but_the_model(alice_client, vision_model):
    html = alice_client.get("/inspector/", {"model": vision_model.public_name}, headers=HTMX).text
    values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    assert {name: value for name, value in values.items() if value} == {"previous_model": vision_model.public_name}
    assert 'placeholder="1.00"' in control(html, "Temperature value")


def test_default_model_needs_no_key(alice_client, local_model):
    html = alice_client.get("/inspector/", headers=HTMX).text
    assert f'model="{local_model.public_name}"' in html


def test_models_without_a_key_are_listed_and_cannot_be_chosen(alice_client, admin_client, family, local_model):
    html = alice_client.get("/inspector/", headers=HTMX).text
    assert '<option value="openai/gpt-4.1" disabled>' in html
    assert "OpenAI needs a key." in html
    assert "/models/openai/key/" not in html
    assert "/models/openai/key/" in admin_client.get("/inspector/", headers=HTMX).text


def test_changing_the_model_keeps_what_fits_and_names_the_rest(alice_client, vision_model, local_model):
    post = {
        "model": local_model.public_name,
        "previous_model": vision_model.public_name,
        "temperature": "0.5",
        "image_detail": "low",
        "seed": "-5",
        "stop": ["END", "\n\n"],
    }
    html = alice_client.post("/inspector/", post, headers=HTMX).text
    assert f'model="{local_model.public_name}"' in html
    assert 'value="0.5"' in control(html, "Temperature value")
    assert html.count('name="stop" value="') == 3  # two tokens and the template of one
    dropped = re.search(r'id="inspector-dropped".*?</ul>', html, re.DOTALL).group()
    assert "<b>Image detail</b>" in dropped
    assert "<b>Seed</b>" in dropped
    assert "Temperature" not in dropped


def test_changing_to_what_is_absent_or_switched_off_is_not_found(alice_client, vision_model):
    Model.objects.filter(pk=vision_model.pk).update(is_enabled=False)
    for name in ("", "openai", "openai/absent", vision_model.public_name):
        assert alice_client.post("/inspector/", {"model": name}).status_code == 404
        assert alice_client.post("/inspector/notes/", {"model": name}).status_code == 404


def test_notes_name_every_field_so_that_old_ones_go_away(alice_client, vision_model):
    post = {"model": vision_model.public_name, "temperature": "5", "seed": "1", "text": "ignored"}
    html = alice_client.post("/inspector/notes/", post, headers=HTMX).text
    notes = dict(
        re.findall(r'hx-target="#parameter-(\w+)-notes" hx-swap="innerHTML">(.*?)</hx-partial>', html, re.DOTALL)
    )
    assert "Must be at most 2." in notes["temperature"]
    assert "best effort" in notes["seed"]
    assert notes["top_p"].strip() == ""
    assert set(notes) >= {"system_prompt", "stop", "json_schema", "stream"}


def test_notes_of_a_broken_schema_say_where(alice_client, vision_model):
    post = {"model": vision_model.public_name, "response_format": "json_schema", "json_schema": "{\n  x"}
    html = alice_client.post("/inspector/notes/", post, headers=HTMX).text
    assert 'data-line="2" data-column="3"' in html


def test_what_is_typed_is_escaped(alice_client, vision_model):
    evil = '"><script>alert(1)</script>'
    post = {"model": vision_model.public_name, "previous_model": evil, "system_prompt": evil, "stop": [evil]}
    assert "<script>" not in alice_client.post("/inspector/", post, headers=HTMX).text


@pytest.mark.parametrize("path", ["/inspector/", "/inspector/notes/", "/models/", "/models/openai/gpt-4.1/"])
def test_visitors_are_sent_to_sign_in(visitor_client, catalogue, admin, path):
    answer = visitor_client.post(path) if path.endswith("notes/") else visitor_client.get(path)
    assert answer.status_code == 302


def test_opening_takes_few_queries_however_many_models(alice_client, local_model, django_assert_max_num_queries):
    Model.objects.bulk_create(
        Model(provider=local_model.provider, name=f"m{number}", title="m") for number in range(50)
    )
    alice_client.get("/inspector/", headers=HTMX)
    with django_assert_max_num_queries(7):  # session, user, default model, models, price
        alice_client.get("/inspector/", headers=HTMX)


def test_form_shows_errors_at_their_field_and_keeps_what_was_typed(vision_model):
    raw = {"temperature": "9", "top_p": "0.5"}
    validated = validate(vision_model, raw)
    form = build_form(vision_model, raw, validated.errors, models=[vision_model])
    html = render_to_string("catalog/_inspector.html", {"form": form})
    box = control(html, "Temperature value")
    assert 'value="9"' in box
    assert 'aria-invalid="true"' in box
    assert "Must be at most 2." in html


def test_seed_beyond_two_to_the_53_is_shown_digit_by_digit(vision_model):
    form = build_form(vision_model, {"seed": 9007199254740993}, models=[vision_model])
    assert form.field("seed").value == "9007199254740993"


def test_form_without_any_model_says_so(catalogue):
    html = render_to_string("catalog/_inspector.html", {"form": None})
    assert 'id="inspector-form"' in html


def test_retirement_is_told_in_days_and_afterwards_as_a_fact(family, time_machine):
    model = family["openai/gpt-4.1"]
    Provider.objects.update(requires_key=False)
    model.refresh_from_db()
    time_machine.move_to("2026-11-22")
    html = render_to_string("catalog/_inspector.html", {"form": build_form(model, {}, models=[model])})
    assert "retires in 53 days" in html
    time_machine.move_to("2027-01-14")
    html = render_to_string("catalog/_inspector.html", {"form": build_form(model, {}, models=[model])})
    assert ">retired<" in html
    assert "gpt-6-luna" in html
