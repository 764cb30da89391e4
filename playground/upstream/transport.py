"""How bytes get to model servers: `docs/decisions/0002-upstream-transport.md` has the figures behind the choice."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from playground.upstream.addresses import is_forbidden, is_private
from playground.upstream.types import Limits

KEEPALIVE_S = 60.0
MAX_HEADERS = 200
PUBLIC = "playground.public"  # extension of a request: true refuses private addresses


class ForbiddenAddressError(OSError):
    """The name leads to an address that nothing may be sent to.

    Its text does not tell addresses apart: of several errors that say the same the connector hands on the first.
    """

    code = "forbidden_address"
    message = "This address may not be called: it belongs to the machine's own network services."

    def __init__(self) -> None:
        super().__init__(self.message)


class PrivateAddressError(ForbiddenAddressError):
    """The name leads to this machine or a private network, and has not been allowed to."""

    code = "private_address"
    message = "This server is on this machine or in a private network: it has to be listed in PLAYGROUND_PRIVATE_HOSTS."


class CheckedTransport(httpx.AsyncBaseTransport):
    """Two transports that share no connection: one for servers that may be anywhere, one for those that must be public.

    Addresses are checked when the socket is made, so after the name is resolved, each of them and every time.
    """

    def __init__(self, limits: Limits) -> None:
        self._anywhere = _transport(limits, _checked_socket)
        self._public = _transport(limits, _public_socket)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._public if request.extensions.get(PUBLIC) else self._anywhere
        response = await transport.handle_async_request(request)
        if isinstance(response.stream, AiohttpResponseStream):
            response.stream = _WholeStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._anywhere.aclose()
        await self._public.aclose()


class _WholeStream(httpx.AsyncByteStream):
    """The bytes of a reply, with those that had come when its connection broke: aiohttp's reader keeps them to itself.

    Whoever rests between two reads, as the run engine does, would lose the last words of an answer that is cut off.
    """

    def __init__(self, stream: AiohttpResponseStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                yield chunk
        except httpx.HTTPError:
            content = self._stream._aiohttp_response.content  # noqa: SLF001 - handed out nowhere else
            content.set_exception(None)  # type: ignore[arg-type]  # as it was before the connection broke
            if rest := content.read_nowait():
                yield rest
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()


def default_transport(limits: Limits = Limits()) -> httpx.AsyncBaseTransport:  # noqa: B008 - frozen
    """The transport for all calls of a process: no limit on connections and no queue, no cookies, no proxy, no redirects.

    Use it within one event loop.
    """
    return CheckedTransport(limits)


def _transport(limits: Limits, socket_factory: Callable[[Any], socket.socket]) -> AiohttpTransport:

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=_trust(), limit=0, keepalive_timeout=KEEPALIVE_S, socket_factory=socket_factory, ttl_dns_cache=10
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
        raise ForbiddenAddressError
    return socket.socket(family, kind, protocol)


def _public_socket(info: Any) -> socket.socket:
    """The same, for public addresses alone. Raises ForbiddenAddressError."""
    if is_private(info[4][0]) and not is_forbidden(info[4][0]):
        raise PrivateAddressError
    return _checked_socket(info)
