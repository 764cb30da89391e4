"""T16: servers on this machine or in a private network. Local mode calls any; server mode what the operator has listed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from playground.catalog.endpoints import endpoint_for
from playground.catalog.forms import clean_base_url
from playground.catalog.models import Provider, RowSource
from tests.fake_openai import FakeOpenAI

PRIVATE = (
    *("127.0.0.1", "127.0.0.1:11434", "0.0.0.0:11434", "10.0.0.1", "172.16.0.1", "192.168.1.5:8000", "100.64.0.1", "224.0.0.1"),
    *("[::1]:11434", "[::7f00:1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fd12::5]:8080"),
    *("[ff02::1]", "localhost:11434", "LOCALHOST.", "a.localhost", "ollama:11434", "host.docker.internal:11434", "box.local"),
    *("nas.lan", "box.home.arpa"),
)  # fmt: skip
PUBLIC = (
    "api.openai.com",
    "example.org:8443",
    "8.8.8.8",
    "[2606:4700::1]",
    "[64:ff9b::808:808]",
    "localhost.example.org",
)
NEVER = (
    *("169.254.169.254", "168.63.129.16", "192.0.0.192", "[64:ff9b::a9fe:a9fe]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fec0::1]"),
    *("2130706433", "0x7f000001", "127.1", "0", "①②⑦.0.0.1", "metadata.google.internal"),
)  # fmt: skip
ADD = "/admin/catalog/provider/add/"


@pytest.fixture
def server_mode(settings):
    settings.IS_LOCAL, settings.PRIVATE_HOSTS = False, frozenset()
    return settings


@pytest.fixture
def local_mode(settings):
    settings.IS_LOCAL, settings.PRIVATE_HOSTS = True, frozenset()
    return settings


def is_taken(base_url: str) -> bool:
    try:
        return clean_base_url(base_url) == base_url
    except ValidationError:
        return False


@pytest.mark.parametrize("host", PRIVATE)
def test_local_mode_takes_what_is_private(local_mode, host):
    assert is_taken(f"http://{host}/v1")


@pytest.mark.parametrize("host", PRIVATE)
def test_server_mode_takes_what_is_private_only_if_it_is_listed(server_mode, host):
    with pytest.raises(ValidationError, match="PLAYGROUND_PRIVATE_HOSTS") as refused:
        clean_base_url(f"http://{host}/v1")
    entry = refused.value.messages[0].partition(" adds ")[2].partition(" ")[0]  # what the sentence says to add is right
    server_mode.PRIVATE_HOSTS = frozenset({entry})
    assert is_taken(f"http://{host}/v1")


@pytest.mark.parametrize("host", PUBLIC)
@pytest.mark.parametrize("mode", ["local_mode", "server_mode"])
def test_either_mode_takes_what_is_public(request, mode, host):
    request.getfixturevalue(mode)
    assert is_taken(f"https://{host}/v1")


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("mode", ["local_mode", "server_mode"])
def test_no_mode_and_no_list_takes_what_is_never_called(request, mode, host):
    settings = request.getfixturevalue(mode)
    settings.PRIVATE_HOSTS = frozenset({f"{host}:80", f"{host}:443"})
    assert not is_taken(f"http://{host}/v1")


@pytest.mark.parametrize(
    "listed", ["127.0.0.1:11435", "127.0.0.2:11434", "localhost:11434", "[::ffff:127.0.0.1]:11434"]
)
def test_another_port_or_another_spelling_is_another_server(server_mode, listed):
    server_mode.PRIVATE_HOSTS = frozenset({listed})
    assert not is_taken("http://127.0.0.1:11434/v1")


def in_admin(admin_client, base_url: str):
    post = {"name": "Local", "slug": "local", "base_url": base_url, "position": "50", "is_enabled": "on"}
    post |= {"continue_style": "ask", "new_api_key": "", "new_headers": "", "key_url": ""}
    return admin_client.post(ADD, post, follow=True, headers={"host": "localhost"})


def test_the_admins_form_says_what_to_set(server_mode, admin_client, db, fake: FakeOpenAI):
    shown = in_admin(admin_client, fake.base_url)
    assert f"adds 127.0.0.1:{fake.port} to the environment variable PLAYGROUND_PRIVATE_HOSTS" in shown.text
    assert not Provider.objects.filter(slug="local").exists()
    server_mode.PRIVATE_HOSTS = frozenset({f"127.0.0.1:{fake.port}"})
    assert "new model" in in_admin(admin_client, fake.base_url).text


def test_in_local_mode_the_admin_adds_a_server_of_this_machine(local_mode, admin_client, db, fake: FakeOpenAI):
    assert "new model" in in_admin(admin_client, fake.base_url).text


def test_a_row_that_is_no_longer_listed_is_not_called(server_mode, admin_client, db, fake: FakeOpenAI):
    server_mode.PRIVATE_HOSTS = frozenset({f"127.0.0.1:{fake.port}"})
    in_admin(admin_client, fake.base_url)
    provider = Provider.objects.get(slug="local")
    assert not endpoint_for(provider).is_public
    fake.reset()
    server_mode.PRIVATE_HOSTS = frozenset()
    assert endpoint_for(provider).is_public
    action = {"action": "list_from_server", "_selected_action": [provider.pk]}
    shown = admin_client.post("/admin/catalog/provider/", action, follow=True)
    assert "PLAYGROUND_PRIVATE_HOSTS" in shown.text
    assert fake.requests == []


def test_what_the_operator_gave_as_base_url_counts_as_listed(server_mode, db, fake: FakeOpenAI):
    server_mode.OPENAI_BASE_URL = fake.base_url
    assert is_taken(fake.base_url)
    assert not is_taken("http://127.0.0.1:1/v1")
    assert not endpoint_for(Provider(base_url=fake.base_url)).is_public
    server_mode.OPENAI_BASE_URL = ""
    assert endpoint_for(Provider(base_url=fake.base_url)).is_public
    made_then = Provider(base_url=fake.base_url, source=RowSource.ENVIRONMENT)
    assert not endpoint_for(made_then).is_public  # the variable counts at first start, and nobody has changed it since
