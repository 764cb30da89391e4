"""How bytes get to model servers: `docs/decisions/0002-upstream-transport.md` has the figures behind the choice."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from playground.upstream.addresses import is_forbidden
from playground.upstream.types import Limits

KEEPALIVE_S = 60.0
MAX_HEADERS = 200


class ForbiddenAddressError(OSError):
    """The name leads to an address that nothing may be sent to."""


def default_transport(limits: Limits = Limits()) -> httpx.AsyncBaseTransport:  # noqa: B008 - frozen
    """The transport for all calls of a process: no limit on connections and no queue, no cookies, no proxy, no redirects.

    Refuses forbidden addresses when the socket is made, so after the name is resolved. Use it within one event loop.
    """

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=_trust(), limit=0, keepalive_timeout=KEEPALIVE_S, socket_factory=_checked_socket, ttl_dns_cache=10
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=limits.header_bytes,
            max_field_size=limits.header_bytes,
            max_headers=MAX_HEADERS,
            loop=asyncio.get_running_loop(),
        )

    return AiohttpTransport(verify=_trust(), client=session)


@functools.cache
def _trust() -> ssl.SSLContext:
    """The authorities we trust: certifi's, or those that SSL_CERT_FILE names. Slow to make, so one for the process."""
    return httpx.create_ssl_context()


def _checked_socket(info: Any) -> socket.socket:
    """A socket for one resolved address. Raises ForbiddenAddressError."""
    family, kind, protocol, _name, address = info
    if is_forbidden(address[0]):
        raise ForbiddenAddressError(f"{address[0]} is not an address of a model server")
    return socket.socket(family, kind, protocol)
