"""One HTTP request and the bytes of its reply, within clocks and limits. What the transport raises becomes our tree."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp
import httpx

from playground.upstream.clocks import Clocks
from playground.upstream.errors import BadReply, ConnectFailed, CutOff, UpstreamError
from playground.upstream.transport import ForbiddenAddressError
from playground.upstream.types import Limits, Timeouts

WIRE_FACTOR = 64  # a token of 4 bytes travels in a chunk of up to 300; many times that is a flood
_DRAIN_S = 0.05  # how long the end of a good answer may take before the connection is given up
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError, RuntimeError)


class Exchange:
    """Open it, read it, close it. After `open()` it has `status` and `headers` (names in lower case)."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        request: httpx.Request,
        timeouts: Timeouts,
        clocks: Clocks,
        limits: Limits,
    ) -> None:
        self._transport, self._request, self._limits = transport, request, limits
        self.clocks = clocks
        # Reads and writes are bounded by our clocks, which know output from comments.
        request.extensions["timeout"] = {"connect": timeouts.connect_s, "read": None, "write": None, "pool": None}
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._wire_bytes = 0
        self.status = 0
        self.headers: dict[str, str] = {}

    @property
    def limits(self) -> Limits:
        return self._limits

    async def open(self) -> None:
        """Send the request and read the head of the reply. Raises ConnectFailed, BadReply or a timeout."""
        try:
            self._response = await self.clocks.wait(self._transport.handle_async_request(self._request))
        except _FAILURES as error:
            raise _connect_failed(error) from error
        response = self._response
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        if sum(len(name) + len(value) for name, value in response.headers.raw) > self._limits.header_bytes:
            raise BadReply(message="The server sent more headers than we accept.", code="headers_too_large")
        if 300 <= self.status < 400:
            raise ConnectFailed(
                message="The server redirects. Set the base URL to the address it really has.", status=self.status
            )
        if self.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            if self.status < 300:
                message = "The server sent a compressed answer, which we did not ask for."
                raise BadReply(message=message, code="compressed", status=self.status)
            return  # the status of an error says enough; its body is not unpacked
        stream: Any = response.stream
        self._chunks = aiter(stream)

    async def read(self) -> bytes:
        """The next bytes of the body; empty at its end. Raises CutOff, BadReply or a timeout."""
        if self._chunks is None:
            return b""
        self.clocks.check_total()
        try:
            data: bytes = await self.clocks.wait(anext(self._chunks))
        except StopAsyncIteration:
            self._chunks = None
            return b""
        except _FAILURES as error:
            message = "The answer was cut off: the connection to the server broke."
            raise CutOff(message=message, code="connection_lost", is_retryable=True) from error
        self._wire_bytes += len(data)
        if self._wire_bytes > self._limits.answer_bytes * WIRE_FACTOR:
            raise BadReply(message="The server sent more than we accept.", code="answer_too_long")
        return data

    async def read_all(self, limit: int, *, is_cut: bool = False) -> bytes:
        """The whole body, up to `limit` bytes. More is BadReply, or with `is_cut` left unread, as is what a cut lost."""
        parts: list[bytes] = []
        size = 0
        while size <= limit:
            try:
                data = await self.read()
            except CutOff:
                if not is_cut:
                    raise
                break
            if not data:
                break
            parts.append(data)
            size += len(data)
        if size > limit and not is_cut:
            raise BadReply(message="The answer is longer than this server accepts.", code="answer_too_long")
        return b"".join(parts)[:limit]

    async def drain(self) -> None:
        """After a good answer: read to the end of the body, if it comes at once, so that the connection can be kept."""
        with contextlib.suppress(UpstreamError, TimeoutError):
            await self.clocks.within(_DRAIN_S, self.read())

    async def aclose(self) -> None:
        """Close the connection, unless the whole body was read. Never raises."""
        chunks, self._chunks = self._chunks, None
        if isinstance(chunks, AsyncGenerator):
            with contextlib.suppress(*_FAILURES):
                await chunks.aclose()
        if self._response is not None:
            with contextlib.suppress(*_FAILURES):
                await self._response.aclose()


def _connect_failed(error: Exception) -> ConnectFailed:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    causes += [getattr(cause, "os_error", cause) for cause in list(causes)]
    if refused := next((cause for cause in causes if isinstance(cause, ForbiddenAddressError)), None):
        return ConnectFailed(message=refused.message, code=refused.code)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        message = "No secure connection to the server: its certificate was not accepted."
        return ConnectFailed(message=message, code="tls")
    if any("resolve" in str(cause).lower() or "getaddrinfo" in str(cause).lower() for cause in causes):
        return ConnectFailed(message="The server's name is not known.", code="dns", is_retryable=True)
    if isinstance(error, (ValueError, httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return ConnectFailed(message="The request cannot be sent to this address.", code="bad_address")
    if isinstance(error, aiohttp.ClientResponseError):
        return ConnectFailed(message="The server's reply is not HTTP as we know it.", code="bad_http")
    return ConnectFailed(message="No connection to the server.", code="no_connection", is_retryable=True)
