"""T16: addresses that no admin can make the server call, through every form that takes one. A canary listens and hears nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client

from playground.catalog.models import Provider
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.things import snapshot

METADATA = (
    *("169.254.169.254", "169.254.169.254.", "169.254.169.253", "169.254.0.1", "168.63.129.16", "100.100.100.200"),
    *("192.0.0.192", "2852039166", "0xA9FEA9FE", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "169.254.43518"),
    *("169.16689662", "0251.254.169.254", "\N{CIRCLED DIGIT ONE}\N{CIRCLED DIGIT SIX}\N{CIRCLED DIGIT NINE}.254.169.254"),
    *("[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::169.254.169.254]", "[::a9fe:a9fe]"),
    *("[64:ff9b::a9fe:a9fe]", "[64:ff9b::169.254.169.254]", "[64:ff9b:1::a9fe:a9fe]", "[2002:a9fe:a9fe::1]"),
    *("[fe80::1]", "[fe80::1%25lo]", "[fe80::a9fe:a9fe]", "[fec0::1]", "[fd00:ec2::254]", "[fd20:ce::254]"),
    *("metadata", "metadata.google.internal", "METADATA.Google.Internal.", "instance-data", "instance-data.ec2.internal"),
)  # fmt: skip
# {at} is where the canary listens.
FORMS = (
    *("file:///etc/passwd", "file://{at}/v1", "gopher://{at}/_GET%20/", "dict://{at}/info", "ftp://{at}/v1", "ldap://{at}"),
    *("javascript:fetch('http://{at}')", "data:text/plain,x", "jar:http://{at}!/", "unix:///var/run/docker.sock"),
    *("//{at}/v1", "{at}/v1", "http:{at}", "http:///{at}/v1", "http://", "https://", "http:/", "http://:80/v1"),
    *("http://user@{at}/v1", "http://user:pass@{at}/v1", "http://example.org@{at}/v1", "http://{at}@example.org/v1"),
    *("http://{at}/v1?x=1", "http://{at}/v1#x", "http://{at}/v1?", "http://{at}/v1#", "http://example.org#@{at}/"),
    *("http://{at}/v1\r\nX-Evil: 1", "http://{at}\r\n\r\nGET /", "http://{at}/\tv1", "http://{at}/v1 x", "http://{at}/\x00"),
    *("http://{at}\\@example.org/", "http:\\\\{at}\\v1", "http://exam\N{SOFT HYPHEN}ple.org/", "http://{at}:99999/", "http://[::1", "http://[zz]/"),
    *("http://2130706433:{port}/v1", "http://0x7f000001:{port}/v1", "http://127.1:{port}/v1", "http://0:{port}/v1"),
    *("http://017700000001:{port}/v1", "http://127.0.1:{port}/v1"),
)  # fmt: skip
# Of this machine and of private networks; a server in local mode, or one whose operator lists them, may call them.
PRIVATE = (
    *("127.0.0.1:{port}", "localhost:{port}", "LocalHost.:{port}", "[::1]:{port}", "[::ffff:127.0.0.1]:{port}", "0.0.0.0:{port}"),
    *("[::ffff:7f00:1]:{port}", "[::7f00:1]:{port}", "[64:ff9b::7f00:1]:{port}", "[2002:7f00:1::]:{port}", "[::]:{port}"),
    *("127.8.8.8:{port}", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1", "[fd12::1]", "[ff02::1]"),
    *("postgres:5432", "redis:6379", "docker.localhost", "kubernetes.default.svc.cluster.local", "vault.internal", "nas.lan"),
)  # fmt: skip
KEY_PAGE = "/models/local/key/"
ADD = "/admin/catalog/provider/add/"


@pytest.fixture(scope="module")
def listener() -> Iterator[FakeOpenAI]:
    with FakeOpenAI(tokens_per_second=0) as listener:
        yield listener


@pytest.fixture
def canary(listener: FakeOpenAI) -> FakeOpenAI:
    listener.reset()
    listener.connections = 0
    return listener


@pytest.fixture
def provider(db) -> Provider:
    return Provider.objects.create(
        slug="local", name="Local", base_url="http://127.0.0.1:9/v1", requires_key=False, api_key="sk-stored-0123456789"
    )


def addresses(canary: FakeOpenAI) -> list[str]:
    at = {"at": f"127.0.0.1:{canary.port}", "port": str(canary.port)}
    return [f"http://{host}/v1" for host in METADATA] + [form.format(**at) for form in FORMS]


def in_admin(client: Client, url: str, base_url: str, slug: str = "evil") -> HttpResponse:
    post = {
        "name": "Evil",
        "slug": slug,
        "base_url": base_url,
        "position": "50",
        "is_enabled": "on",
        "continue_style": "ask",
    }
    return client.post(url, {**post, "new_api_key": "sk-new-0123456789", "new_headers": "", "key_url": ""})


def test_no_form_takes_an_address_that_must_not_be_called(admin_client: Client, provider: Provider, canary: FakeOpenAI):
    refused_everywhere(admin_client, provider, addresses(canary))
    assert canary.connections == 0


def test_in_server_mode_no_form_takes_a_private_address_that_is_not_listed(
    admin_client: Client, provider: Provider, canary: FakeOpenAI, settings
):
    settings.PRIVATE_HOSTS = frozenset({"127.0.0.1:9", "ollama:11434"})
    refused_everywhere(
        admin_client, provider, [f"http://{host}/v1".replace("{port}", str(canary.port)) for host in PRIVATE]
    )
    assert canary.connections == 0


def refused_everywhere(admin_client: Client, provider: Provider, base_urls: list[str]) -> None:
    before = snapshot()
    change = f"/admin/catalog/provider/{provider.pk}/change/"
    for address in base_urls:
        for url, slug in ((ADD, "evil"), (change, "local")):
            shown = in_admin(admin_client, url, address, slug)
            # Django's admin shows the form again with 200; a NUL is refused before it.
            assert shown.status_code in {200, 422}, address
            assert shown.status_code == 422 or b"errorlist" in shown.content, address
        refused = admin_client.post(KEY_PAGE, {"api_key": "sk-new-0123456789", "base_url": address})
        assert refused.status_code == 422, address
    assert snapshot() == before


def test_there_are_enough_forms():
    assert len(METADATA) + len(FORMS) >= 60


def test_control_a_good_address_is_called(admin_client: Client, db, canary: FakeOpenAI):
    assert in_admin(admin_client, ADD, canary.base_url).status_code == 302
    assert canary.connections > 0
    assert Provider.objects.get(slug="evil").models.exists()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_server_that_sends_us_elsewhere_is_not_followed(
    admin_client: Client, db, canary: FakeOpenAI, fake: FakeOpenAI, status: int
):
    fake.models_reply = Reply.raw(b"", status=status, headers={"Location": f"{canary.base_url}/models"})
    in_admin(admin_client, ADD, fake.base_url)
    assert [request.path for request in fake.requests] == ["/v1/models"]
    assert canary.connections == 0
    assert not Provider.objects.get(slug="evil").models.exists()


def test_a_name_that_leads_to_a_metadata_service_is_not_connected_to(
    admin_client: Client, db, canary: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
):
    """The resolver is the network's, so it is played here: the name is harmless, what it means is not."""
    resolve, made = socket.getaddrinfo, []

    def flipped(host, port, *args, **more):
        return resolve("169.254.169.254" if host == "models.example" else host, port, *args, **more)

    def connect(self, address, _connect=socket.socket.connect):
        made.append(address)
        return _connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", flipped)
    monkeypatch.setattr(socket.socket, "connect", connect)
    shown = in_admin(admin_client, ADD, f"http://models.example:{canary.port}/v1")
    assert shown.status_code == 302
    assert [address for address in made if str(address[0]).startswith("169.254.")] == []
    assert not Provider.objects.get(slug="evil").models.exists()
    assert "did not list its models" in admin_client.get(shown["Location"]).text
