"""The client of OpenAI-compatible servers: one per process, shared by all calls."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import orjson

from playground.upstream.answer import open_answer
from playground.upstream.chunks import Answer
from playground.upstream.clocks import Clocks
from playground.upstream.errors import UpstreamError
from playground.upstream.exchange import Exchange
from playground.upstream.listing import parse_models
from playground.upstream.replies import error_from_reply
from playground.upstream.requests import headers_for, join_url, secrets_of
from playground.upstream.retry import TRIES, delay_before
from playground.upstream.transport import PUBLIC, default_transport
from playground.upstream.types import Endpoint, Limits, ListedModel, Retrying, Timeouts, UpstreamEvent

ERROR_BYTES = 256 * 1024  # of an error body; the rest is not read
_NO_LIST = {404, 405, 501}


class UpstreamClient:
    """Make it in, or before, the event loop that uses it, and `aclose()` it there. Use it from that loop only.

    `transport` is the seam for tests; `sleep` and `chance` are the clock and the chance of retries.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport or default_transport(limits)
        self._limits, self._sleep, self._chance = limits, sleep, chance

    async def aclose(self) -> None:
        await self._transport.aclose()

    @asynccontextmanager
    async def stream(
        self, endpoint: Endpoint, body: Mapping[str, Any], timeouts: Timeouts
    ) -> AsyncIterator[AsyncIterator[UpstreamEvent]]:
        """Send `body` to `/chat/completions`; iterate what is yielded for the events, whether or not it streams.

        Iterating raises an UpstreamError when the answer does not come to a good end; what was yielded before remains
        good. Leaving the block closes the connection at once.
        """
        events = self._events(endpoint, body, timeouts)
        try:
            yield events
        finally:
            await events.aclose()

    async def list_models(self, endpoint: Endpoint, timeouts: Timeouts = Timeouts()) -> list[ListedModel]:  # noqa: B008
        """The models that the server lists, in its order; empty when it has no list. Raises UpstreamError."""
        headers = headers_for(endpoint, accept="application/json")
        url = join_url(endpoint.base_url, "/models")
        request = httpx.Request("GET", url, headers=headers, extensions={PUBLIC: endpoint.is_public})
        clocks = Clocks(timeouts)
        exchange = Exchange(self._transport, request, timeouts, clocks, self._limits)
        try:
            await exchange.open()
            if exchange.status in _NO_LIST:
                return []
            body = await exchange.read_all(self._limits.answer_bytes if exchange.status < 300 else ERROR_BYTES)
            if exchange.status >= 300:
                raise error_from_reply(exchange.status, exchange.headers, body, secrets=secrets_of(endpoint))
            return parse_models(body)
        finally:
            clocks.close()
            await exchange.aclose()

    async def _events(
        self, endpoint: Endpoint, body: Mapping[str, Any], timeouts: Timeouts
    ) -> AsyncGenerator[UpstreamEvent, None]:
        """Tries until one begins to answer. Once a good frame has come there is no other try."""
        headers = headers_for(endpoint, accept="text/event-stream, application/json")
        headers["content-type"] = "application/json"
        url = join_url(endpoint.base_url, "/chat/completions")
        content = orjson.dumps(body)
        clocks = Clocks(timeouts)
        try:
            for attempt in range(1, TRIES + 1):
                reach = {PUBLIC: endpoint.is_public}
                request = httpx.Request("POST", url, headers=headers, content=content, extensions=reach)
                exchange = Exchange(self._transport, request, timeouts, clocks, self._limits)
                answer = Answer(answer_bytes=self._limits.answer_bytes, secrets=secrets_of(endpoint), request=body)
                try:
                    await exchange.open()
                    if exchange.status >= 300:
                        raise await self._refusal(exchange, endpoint, body)
                    async with aclosing(await open_answer(exchange, answer)) as source:
                        async for event in source:
                            yield event
                except UpstreamError as error:
                    delay = None if answer.has_begun else delay_before(attempt + 1, error, self._chance())
                    if delay is None:
                        raise
                    failed = error
                else:
                    return
                finally:
                    await exchange.aclose()
                yield Retrying(attempt=attempt + 1, of=TRIES, delay_s=delay, reason=failed.message)
                await clocks.sleep(self._sleep(delay))
                clocks.begin()
        finally:
            clocks.close()

    @staticmethod
    async def _refusal(exchange: Exchange, endpoint: Endpoint, body: Mapping[str, Any]) -> UpstreamError:
        content = await exchange.read_all(ERROR_BYTES, is_cut=True)
        return error_from_reply(exchange.status, exchange.headers, content, secrets=secrets_of(endpoint), request=body)
