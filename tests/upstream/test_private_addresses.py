"""T16: a server that must be public is connected to at public addresses alone, whatever its name resolves to."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from playground.upstream import errors
from playground.upstream.addresses import is_private
from playground.upstream.client import UpstreamClient
from playground.upstream.types import Endpoint
from tests.fake_openai import FakeOpenAI

PRIVATE = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.5", "100.64.0.1"),
    *("192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "::7f00:1", "::127.0.0.1"),
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:105::1", "2001:0:808:808::", "2001:0:7f00:1::80ff:fffe", "fd12::1"),
    *("fc00::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "100::1", "4000::1"),
    *("2606:4700::5efe:a00:1", "2606:4700::200:5efe:7f00:1", "localhost", "", "1.2.3"),
)  # fmt: skip
PUBLIC = (
    *("8.8.8.8", "1.1.1.1", "172.32.0.1", "192.1.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1", "2a00:1450::1"),
    *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
)  # fmt: skip
ELSEWHERE = "8.8.8.8"


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known_in_every_disguise(address):
    assert is_private(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not_private(address):
    assert not is_private(address)


@pytest.fixture
def resolver(monkeypatch):
    """What names resolve to: the answers in turn, the last one for ever. Nothing asks the network's own resolver."""
    answers: list[list[str]] = []

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in addresses
        ]

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", resolve)
    return answers


@pytest.fixture
def connected(monkeypatch, fake: FakeOpenAI):
    """The addresses that were connected to. One of them stands for the internet: the fake server answers there."""
    made: list[str] = []
    connect = asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    async def sock_connect(self, made_socket, address):
        made.append(address[0])
        return await connect(self, made_socket, ("127.0.0.1", fake.port) if address[0] == ELSEWHERE else address)

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", sock_connect)
    return made


async def list_models(base_url: str, *, is_public: bool = True):
    client = UpstreamClient()
    try:
        return await client.list_models(Endpoint(base_url, is_public=is_public))
    finally:
        await client.aclose()


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"], ["10.0.0.1", "fd12::1", "192.168.1.5"]])
async def test_a_name_that_leads_to_private_addresses_alone_is_not_connected_to(fake, resolver, connected, addresses):
    resolver.append(addresses)
    with pytest.raises(errors.ConnectFailed) as refused:
        await list_models(f"http://models.example:{fake.port}/v1")
    assert refused.value.code == "private_address"
    assert not refused.value.is_retryable
    assert connected == []


async def test_of_several_addresses_only_the_public_ones_are_connected_to(fake, resolver, connected):
    resolver.append(["127.0.0.1", "10.0.0.1", ELSEWHERE])
    assert await list_models(f"http://models.example:{fake.port}/v1")
    assert connected == [ELSEWHERE]


async def test_a_name_that_leads_elsewhere_the_second_time_is_not_followed_there(fake, resolver, connected):
    resolver += [[ELSEWHERE], ["127.0.0.1"]]
    assert await list_models(f"http://models.example:{fake.port}/v1")
    with pytest.raises(errors.ConnectFailed) as refused:
        await list_models(f"http://models.example:{fake.port}/v1")
    assert refused.value.code == "private_address"
    assert connected == [ELSEWHERE]


async def test_the_same_client_keeps_connections_that_may_be_private_apart(fake):
    client = UpstreamClient()
    try:
        assert await client.list_models(Endpoint(fake.base_url))
        with pytest.raises(errors.ConnectFailed) as refused:
            await client.list_models(Endpoint(fake.base_url, is_public=True))
    finally:
        await client.aclose()
    assert refused.value.code == "private_address"
    assert len(fake.requests) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "[::ffff:127.0.0.1]", "[::1]"])
async def test_a_literal_private_address_is_not_connected_to_in_any_notation(fake, connected, host):
    with pytest.raises(errors.ConnectFailed):
        await list_models(f"http://{host}:{fake.port}/v1")
    assert connected == []
    assert fake.requests == []
