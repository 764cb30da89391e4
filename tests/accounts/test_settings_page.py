"""What a person prefers, with htmx and without."""

from __future__ import annotations

import pytest

from playground.accounts import choices

FORM = {"theme": "dark", "send_key": "mod-enter", "default_model": "", "default_parameters": ""}


@pytest.fixture
def two_models():
    before = list(choices._model_choices), list(choices._parameter_checks)
    choices.register(
        lambda user: [("house/one", "One"), ("house/two", "Two")],
        lambda model, values: [f"{name} is not known to {model}." for name in values if name == "nonsense"],
    )
    yield
    choices._model_choices[:], choices._parameter_checks[:] = before


def test_theme_and_send_key_stand_on_the_page(alice, alice_client):
    assert b'data-theme="system" data-send-key="enter"' in alice_client.get("/settings/").content
    answer = alice_client.post("/settings/", FORM, follow=True)
    assert answer.redirect_chain == [("/settings/", 302)]
    assert b'data-theme="dark" data-send-key="mod-enter"' in answer.content
    alice.refresh_from_db()
    assert (alice.theme, alice.send_key) == ("dark", "mod-enter")


def test_htmx_gets_the_form_back_and_hears_that_it_is_saved(alice, alice_client):
    answer = alice_client.post("/settings/", FORM, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="preferences"' in text
    assert "<html" not in text
    assert "Saved." in text


def test_one_person_does_not_change_another(alice, bob, bob_client):
    bob_client.post("/settings/", FORM)
    alice.refresh_from_db()
    assert alice.theme == "system"


def test_model_and_parameters_for_new_chats_are_kept(alice, alice_client, two_models):
    form = {**FORM, "default_model": "house/two", "default_parameters": '{"temperature": 0.7, "stop": ["a"]}'}
    assert alice_client.post("/settings/", form).status_code == 302
    alice.refresh_from_db()
    assert alice.default_model == "house/two"
    assert alice.default_parameters == {"temperature": 0.7, "stop": ["a"]}
    assert b"0.7" in alice_client.get("/settings/").content


def test_empty_parameters_forget_them(alice, alice_client):
    alice.default_parameters = {"temperature": 1}
    alice.save()
    alice_client.post("/settings/", FORM)
    alice.refresh_from_db()
    assert alice.default_parameters == {}


def test_model_that_has_gone_is_kept_and_said(alice, alice_client, two_models):
    alice.default_model = "house/gone"
    alice.save()
    page = alice_client.get("/settings/").content.decode()
    assert "house/gone (no longer available)" in page
    assert alice_client.post("/settings/", {**FORM, "default_model": "house/gone"}).status_code == 302


@pytest.mark.parametrize(
    "parameters",
    ["[]", "1", "{", '{"a": NaN}', '{"A": 1}', '{"": 1}', '{"__class__": 1}', '{"a": "\\u0000"}', '{"nonsense": 1}',
     '{"a": 1, "a": 2}', "[" * 100, '{"a":' + "9" * 50 + "}", "{" + ",".join(f'"a{n}": 1' for n in range(50)) + "}"],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused_and_kept_in_the_form(alice, alice_client, two_models, parameters):
    answer = alice_client.post("/settings/", {**FORM, "default_parameters": parameters})
    assert answer.status_code == 422
    alice.refresh_from_db()
    assert (alice.default_parameters, alice.theme) == ({}, "system")


@pytest.mark.parametrize(("field", "value"), [("theme", "neon"), ("send_key", "x"), ("default_model", "house/none")])
def test_value_that_is_not_offered_is_refused(alice, alice_client, field, value):
    answer = alice_client.post("/settings/", {**FORM, field: value})
    assert answer.status_code == 422
    assert b'data-theme="system"' in answer.content
