"""What a hostile or broken server may make us hold, and where it may make us go: T16, T24 and rule 14."""

from __future__ import annotations

import resource
import socket

import aiohttp
import pytest

from playground.upstream import errors
from playground.upstream.addresses import is_forbidden
from playground.upstream.client import UpstreamClient
from playground.upstream.requests import join_url
from playground.upstream.types import Endpoint, Limits
from tests.fake_openai import Reply, scenario
from tests.upstream.conftest import MESSAGES, QUICK

GROWTH_KB = 64 * 1024


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("giant-line", "line_too_long"),
        ("many-data", "line_too_long"),
        ("giant-json", "answer_too_long"),
        ("gzip-bomb", "compressed"),
    ],
)
async def test_a_flood_ends_the_call_before_it_costs_memory(ask, name, code):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    got = await ask(scenario(name))
    assert isinstance(got.error, errors.BadReply)
    assert got.error.code == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KB


@pytest.mark.parametrize("name", ["header-flood", "header-line"])
async def test_a_flood_of_headers_is_refused(ask, name):
    got = await ask(scenario(name))
    assert isinstance(got.error, (errors.ConnectFailed, errors.BadReply))


@pytest.mark.parametrize("name", ["giant-error", "gzip-error"])
async def test_an_error_body_is_read_only_as_far_as_it_is_shown(ask, name):
    got = await ask(*(scenario(name) for _try in range(3)))
    assert isinstance(got.error, errors.ServerFailed)
    assert len(got.error.message) <= 300
    assert len(got.error.raw) <= 4000


async def test_a_large_chunk_within_the_limits_passes(ask):
    got = await ask(scenario("giant-chunk"))
    assert got.text.startswith("word " * 180_000)


async def test_an_answer_over_the_limit_keeps_what_came(fake):
    client = UpstreamClient(limits=Limits(answer_bytes=1000))
    fake.play(Reply.text("word " * 1000))
    texts = []
    with pytest.raises(errors.BadReply, match="longer"):  # noqa: PT012
        async with client.stream(
            Endpoint(fake.base_url), {"model": "m", "stream": True, "messages": MESSAGES}, QUICK
        ) as events:
            async for event in events:
                texts.append(getattr(event, "text", ""))  # noqa: PERF401 - it ends with an error
    await client.aclose()
    assert 900 <= len("".join(texts)) <= 1000


@pytest.mark.parametrize("name", ["redirect", "redirect-same"])
async def test_rule_14_no_redirect_is_followed(ask, fake, name):
    got = await ask(scenario(name), endpoint=Endpoint(fake.base_url, api_key="sk-secret-key"))
    assert isinstance(got.error, errors.ConnectFailed)
    assert len(fake.requests) == 1


async def test_compression_is_not_offered_whatever_the_provider_says(ask, fake):
    await ask(Reply.text("Yes."), endpoint=Endpoint(fake.base_url, headers={"Accept-Encoding": "gzip"}))
    assert fake.last.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("key", ["sk-a\r\nX-Evil: 1", "sk-\u00e9", "sk-\x00"])
async def test_a_key_that_cannot_stand_in_a_header_is_not_sent(ask, fake, key):
    got = await ask(endpoint=Endpoint(fake.base_url, api_key=key))
    assert isinstance(got.error, errors.ConnectFailed)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://h:1/v1", "http://h:1/v1/chat/completions"),
        ("http://h:1/v1/", "http://h:1/v1/chat/completions"),
        ("http://h:1", "http://h:1/v1/chat/completions"),
        ("http://h:1/", "http://h:1/v1/chat/completions"),
        ("https://h/openai/v1", "https://h/openai/v1/chat/completions"),
        ("https://h/api", "https://h/api/chat/completions"),
        ("https://h/v1/chat/completions", "https://h/v1/chat/completions"),
        ("https://h/d/x?api-version=1", "https://h/d/x/chat/completions?api-version=1"),
        ("http://[::1]:1/v1", "http://[::1]:1/v1/chat/completions"),
    ],
)
def test_rule_14_the_base_url_may_or_may_not_end_in_v1(base_url, url):
    assert join_url(base_url, "/chat/completions") == url


@pytest.mark.parametrize(
    "base_url", ["", "h/v1", "ftp://h/v1", "file:///etc/passwd", "http://u:p@h/v1", "http://", "http://h:99999/", "http://h:x/"]
)  # fmt: skip
async def test_a_base_url_that_is_none_is_refused(ask, base_url):
    got = await ask(endpoint=Endpoint(base_url))
    assert isinstance(got.error, errors.ConnectFailed)
    assert got.retries == []


# --- addresses ---

FORBIDDEN = [
    "169.254.169.254",
    "169.254.0.1",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b::a83f:8110",
    "2002:a9fe:a9fe::1",
    "::ffff:100.100.100.200",
    "not an address",
]
ALLOWED = [
    "127.0.0.1",
    "::1",
    "10.0.0.1",
    "192.168.1.5",
    "fd12::1",
    "8.8.8.8",
    "2606:4700::1",
    "100.64.0.1",
    "::ffff:10.0.0.1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_metadata_and_link_local_addresses_are_forbidden_in_every_disguise(address):
    assert is_forbidden(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_other_addresses_are_for_the_admin_to_choose(address):
    assert not is_forbidden(address)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "2852039166", "0xa9fea9fe"]
)
async def test_a_forbidden_address_is_never_connected_to(ask, host):
    got = await ask(endpoint=Endpoint(f"http://{host}/v1"))
    assert isinstance(got.error, errors.ConnectFailed)
    assert got.retries == [] or got.error.code == "dns"
    assert got.error.code in {"forbidden_address", "bad_address", "dns"}


async def test_the_address_is_checked_after_the_name_is_resolved(ask, fake, monkeypatch):
    """A name that is harmless today may lead to the metadata service tomorrow: only the resolved address counts."""

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        address = {"hostname": host, "host": "169.254.169.254", "port": port, "family": socket.AF_INET}
        return [{**address, "proto": 0, "flags": 0}]

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", resolve)
    got = await ask(endpoint=Endpoint("http://innocent.example/v1"))
    assert isinstance(got.error, errors.ConnectFailed)
    assert got.error.code == "forbidden_address"


async def test_a_refused_connection_is_tried_again_and_then_reported(ask):
    from tests.servers import free_port

    got = await ask(endpoint=Endpoint(f"http://127.0.0.1:{free_port()}/v1"))
    assert isinstance(got.error, errors.ConnectFailed)
    assert len(got.retries) == 2
