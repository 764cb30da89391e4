"""The settings page knows the catalogue's models and the rules of their parameters."""

from __future__ import annotations

import pytest

from playground.catalog.models import Model, Provider


@pytest.fixture
def tiny(db) -> Model:
    provider = Provider.objects.create(slug="house", name="House", base_url="http://127.0.0.1:9/v1", requires_key=False)
    return Model.objects.create(provider=provider, name="tiny", title="Tiny")


def form(**changes: str) -> dict[str, str]:
    return {"theme": "system", "send_key": "enter", "default_model": "", "default_parameters": "", **changes}


def test_models_are_offered(alice_client, tiny):
    assert 'value="house/tiny"' in alice_client.get("/settings/").content.decode()


def test_model_is_kept(alice, alice_client, tiny):
    assert alice_client.post("/settings/", form(default_model="house/tiny")).status_code == 302
    alice.refresh_from_db()
    assert alice.default_model == "house/tiny"


def test_parameter_that_the_model_does_not_have_is_refused(alice, alice_client, tiny):
    answer = alice_client.post("/settings/", form(default_model="house/tiny", default_parameters='{"nonsense": 1}'))
    assert answer.status_code == 422
    alice.refresh_from_db()
    assert alice.default_parameters == {}
