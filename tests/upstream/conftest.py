"""A fake model server for the session, a client of each test's own, and a way to collect what an answer says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from playground.upstream.client import UpstreamClient
from playground.upstream.errors import UpstreamError
from playground.upstream.types import Completed, Endpoint, ReasoningDelta, Retrying, TextDelta, Timeouts, UpstreamEvent
from tests.fake_openai import Reply

QUICK = Timeouts(connect_s=2, first_token_s=5, silence_s=5, total_s=10, life_s=5)
MESSAGES = [{"role": "user", "content": "When is high water?"}]


@dataclass
class Collected:
    """Everything one call gave: its events, joined text, and the end or the error."""

    events: list[UpstreamEvent] = field(default_factory=list)
    error: UpstreamError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def retries(self) -> list[Retrying]:
        return [event for event in self.events if isinstance(event, Retrying)]

    @property
    def end(self) -> Completed:
        if self.error:
            raise self.error
        last = self.events[-1]
        assert isinstance(last, Completed)
        return last

    @property
    def message(self) -> dict[str, Any]:
        return self.end.response["choices"][0]["message"]


@pytest.fixture
def naps():
    """What the client slept between tries, in seconds."""
    return []


@pytest.fixture
async def client(naps):
    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    client = UpstreamClient(sleep=sleep, chance=lambda: 0.0)
    yield client
    await client.aclose()


@pytest.fixture
def ask(client, fake):
    """Queue replies, send one request, collect what comes."""

    async def send(
        *replies: Reply, timeouts: Timeouts = QUICK, endpoint: Endpoint | None = None, **body: Any
    ) -> Collected:
        if replies:
            fake.play(*replies)
        collected = Collected()
        whole = {"model": "m", "stream": True, "messages": MESSAGES} | body
        try:
            async with client.stream(endpoint or Endpoint(fake.base_url), whole, timeouts) as events:
                async for event in events:
                    collected.events.append(event)
        except UpstreamError as error:
            collected.error = error
        return collected

    return send
