"""What the environment asks of the catalogue, and which model a person gets without choosing."""

from __future__ import annotations

import datetime

import pytest
from django.core.management import call_command

from playground.catalog.models import Model, Provider, RowSource
from playground.catalog.selection import default_model_for, usable
from tests.fake_openai import Reply

pytestmark = pytest.mark.django_db


def load(capsys=None) -> str:
    call_command("load_catalog")
    return capsys.readouterr().out if capsys else ""


def openai() -> Provider:
    return Provider.objects.get(slug="openai")


def test_without_a_key_the_family_stands_and_needs_one():
    load()
    assert openai().needs_key
    assert openai().models.count() == 3


def test_key_is_taken_at_first_start_and_never_printed(settings, capsys):
    settings.OPENAI_API_KEY = "sk-first-0123456789"
    assert "sk-first" not in load(capsys)
    assert openai().api_key == "sk-first-0123456789"
    assert openai().source == RowSource.ENVIRONMENT


def test_changed_key_is_taken_until_an_admin_enters_another(settings, admin_client):
    settings.OPENAI_API_KEY = "sk-first"
    load()
    settings.OPENAI_API_KEY = "sk-second"
    load()
    assert openai().api_key == "sk-second"
    admin_client.post("/models/openai/key/", {"api_key": "sk-entered", "base_url": "https://api.openai.com/v1"})
    settings.OPENAI_API_KEY = "sk-third"
    load()
    assert openai().api_key == "sk-entered"


def test_key_that_an_admin_entered_before_stays(settings):
    load()
    Provider.objects.filter(slug="openai").update(api_key="sk-entered")
    settings.OPENAI_API_KEY = "sk-environment"
    load()
    assert openai().api_key == "sk-entered"


def test_regional_address_of_the_home_server_is_the_same_provider(settings, capsys):
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-x", "https://eu.api.openai.com/v1"
    load()
    assert openai().base_url == "https://eu.api.openai.com/v1"
    assert "0 new, 0 brought up to date" in load(capsys)


def test_key_for_a_server_that_stands_in_makes_the_provider_with_what_that_one_lists(settings, server, alice):
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-elsewhere", server.base_url
    load()
    assert (openai().api_key, openai().base_url) == ("sk-elsewhere", server.base_url)
    assert set(openai().models.filter(is_enabled=True).values_list("name", flat=True)) == {
        model["id"] for model in server.models
    }
    assert default_model_for(alice).public_name == "openai/gpt-4.1"


def test_of_the_family_only_what_a_server_that_stands_in_lists_is_offered(settings, server):
    server.models = [{"id": "gpt-4.1-mini"}]
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-elsewhere", server.base_url
    load()
    assert [model.name for model in openai().models.filter(is_enabled=True)] == ["gpt-4.1-mini"]
    settings.OPENAI_BASE_URL = ""
    load()
    assert openai().base_url == "https://api.openai.com/v1"
    assert openai().models.filter(is_enabled=True).count() == 3


def test_a_server_that_stands_in_and_lists_nothing_has_the_family(settings):
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-elsewhere", "http://127.0.0.1:1/v1"
    load()
    assert openai().models.filter(is_enabled=True).count() == 3


def test_foreign_server_without_a_key_is_a_provider_of_its_own_with_the_models_it_lists(settings, server, alice):
    settings.OPENAI_BASE_URL = server.base_url
    load()
    foreign = Provider.objects.get(base_url=server.base_url)
    assert foreign.name == f"127.0.0.1:{server.port}"
    assert foreign.slug == f"127-0-0-1-{server.port}"
    assert set(foreign.models.values_list("name", flat=True)) == {model["id"] for model in server.models}
    assert foreign.models.get(name="gpt-4.1").max_output_tokens == 32_768
    assert default_model_for(alice).provider == foreign


def test_foreign_server_is_asked_for_its_models_once(settings, server):
    settings.OPENAI_BASE_URL = server.base_url
    load()
    asked = len(server.requests)
    load()
    assert len(server.requests) == asked


@pytest.mark.parametrize("reply", [Reply.json({"error": "no"}, status=500), Reply.json({"data": []})])
def test_foreign_server_without_a_list_gets_the_family(settings, server, reply):
    server.models_reply = reply
    settings.OPENAI_BASE_URL = server.base_url
    load()
    foreign = Provider.objects.get(base_url=server.base_url)
    assert {"gpt-4.1", "gpt-4.1-mini"} <= set(foreign.models.values_list("name", flat=True))
    assert not foreign.models.filter(retires_on__isnull=False).exists()


def test_foreign_server_that_is_down_does_not_keep_us_from_starting(settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    load()
    assert Provider.objects.get(base_url="http://127.0.0.1:1/v1").models.exists()


def test_another_embedded_model_stands_for_the_shipped_one(settings, tmp_path):
    settings.EMBEDDED_MODEL = str(tmp_path / "Other-7B.gguf")
    load()
    assert [model.name for model in Model.objects.filter(provider__is_embedded=True, is_enabled=True)] == ["Other-7B"]
    settings.EMBEDDED_MODEL = ""
    load()
    names = Model.objects.filter(provider__is_embedded=True, is_enabled=True).values_list("name", flat=True)
    assert "Other-7B" not in names
    assert len(names) == 1


def test_embedded_model_that_is_switched_off_is_not_offered(settings, alice):
    settings.EMBEDDED_IS_ON = False
    load()
    assert default_model_for(alice) is None


# --- The default model ---


def test_default_is_the_embedded_one_while_nothing_else_can_be_used(alice, local_model):
    assert default_model_for(alice) == local_model


def test_default_is_the_first_that_has_a_key_and_is_not_retired(alice, family):
    Provider.objects.filter(slug="openai").update(api_key="sk-x", requires_key=True)
    assert default_model_for(alice).name == "gpt-4.1"
    Model.objects.filter(name="gpt-4.1").update(retires_on=datetime.date(2020, 1, 1))
    assert default_model_for(alice).name == "gpt-4.1-mini"


def test_default_of_the_person_comes_first_while_it_can_be_used(alice, local_model):
    Provider.objects.filter(slug="openai").update(api_key="sk-x")
    alice.default_model = local_model.public_name
    assert default_model_for(alice) == local_model
    Model.objects.filter(pk=local_model.pk).update(is_enabled=False)
    assert default_model_for(alice).name == "gpt-4.1"


def test_default_of_an_empty_catalogue_is_none(alice):
    assert default_model_for(alice) is None


@pytest.mark.parametrize(
    "change",
    [
        {"is_enabled": False},
        {"retires_on": datetime.date(2020, 1, 1)},
        {"provider__is_enabled": False},
        {"provider__requires_key": True},
    ],
)
def test_usable_means_enabled_keyed_and_not_retired(local_model, change):
    assert usable(local_model)
    for path, value in change.items():
        owner, _dot, name = path.rpartition("__")
        setattr(local_model.provider if owner else local_model, name, value)
    assert not usable(local_model)
