"""Single moments: a stop, a page that comes back, a server that goes down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp

from bench import processes
from bench.clients import Page, Seen, open_pages, session
from bench.processes import Process
from bench.streams import RATE, percentile

STOPS = 30
LONG_TOKENS = 32_000
COMEBACKS = 10
RUNS_AT_THE_END = 100
DRAIN_S = 3
ENDLESS = 100_000  # tokens


@dataclass
class Moment:
    """Milliseconds that something took, over several times."""

    what: str
    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, what: str, took_ms: list[float]) -> Moment:
        return cls(what, percentile(took_ms, 0.5), percentile(took_ms, 0.99))

    def __str__(self) -> str:
        return f"{self.what}: {self.p50_ms:.0f} ms, at most {self.p99_ms:.0f}"


@dataclass
class End:
    """A server that is told to end while answers stream."""

    runs: int
    told_1012: int
    exit_after_drain_s: float

    def __str__(self) -> str:
        return (
            f"SIGTERM with {self.runs} answers: {self.told_1012} pages were told 1012, "
            f"ended {self.exit_after_drain_s:.1f} s after the drain of {DRAIN_S} s"
        )


async def measure() -> AsyncIterator[Moment | End]:
    with processes.upstream() as upstream:
        with processes.product(upstream.url) as product:
            yield Moment.of("Stop to upstream closed", await stops(product, upstream))
            yield Moment.of(f"back on an answer of {LONG_TOKENS:,} tokens", await comebacks(product))
        with processes.pair(upstream.url) as (one, two):
            yield Moment.of("Stop at another process to upstream closed", await stops(one, upstream, at=two))
        with processes.product(upstream.url, PLAYGROUND_DRAIN_SECONDS=str(DRAIN_S)) as product:
            yield await end(product)


async def stops(product: Process, upstream: Process, at: Process | None = None) -> list[float]:
    """From the press of Stop to the moment at which the upstream sees that nobody listens, to its own 5 ms."""
    client, pages = await open_pages(product.url, 1)
    took_ms = []
    async with session() as asker:
        for _ in range(STOPS):
            page, page.seen = pages[0], Seen()
            run = await page.post(ENDLESS, RATE)
            await page.follow(run, until=5)
            pressed_at = time.monotonic()
            await page.stop(run, at.url if at else "")
            took_ms.append((await left_after(asker, upstream, pressed_at) - pressed_at) * 1000)
            await page.read()
    await pages[0].close()
    await client.close()
    return took_ms


async def left_after(client: aiohttp.ClientSession, upstream: Process, moment: float) -> float:
    """When a client left the upstream, the first time after `moment`."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        async with client.get(f"{upstream.url}/models") as response:
            if (left_at := (await response.json())["left_at"]) > moment:
                return float(left_at)
        await asyncio.sleep(0.01)
    raise RuntimeError("the upstream was not left")


async def comebacks(product: Process) -> list[float]:
    """A page opens its socket and follows a long answer that goes on: until it has all that was there when it came."""
    client, pages = await open_pages(product.url, 1)
    page, page.seen = pages[0], Seen()
    run = await page.post(ENDLESS, RATE, burst=LONG_TOKENS)
    await page.follow(run, until=LONG_TOKENS)
    took_ms = []
    for _ in range(COMEBACKS):
        await page.close()
        page.seen = Seen()
        began = time.monotonic()
        await page.open(product.url.rstrip("/"))
        await page.follow(run, until=LONG_TOKENS)
        took_ms.append((time.monotonic() - began) * 1000)
    await page.stop(run)
    await page.close()
    await client.close()
    return took_ms


async def end(product: Process) -> End:
    client, pages = await open_pages(product.url, RUNS_AT_THE_END)
    for page in pages:
        page.seen = Seen()
        await page.follow(await page.post(ENDLESS, RATE), until=1)
    reading = [asyncio.create_task(_to_close(page)) for page in pages]
    began = time.monotonic()
    product.ask_to_end()
    codes = await asyncio.gather(*reading)
    while not product.has_ended:  # noqa: ASYNC110 - a process cannot wake us
        await asyncio.sleep(0.02)
    took_s = time.monotonic() - began
    await client.close()
    return End(RUNS_AT_THE_END, codes.count(1012), took_s - DRAIN_S)


async def _to_close(page: Page) -> int | None:
    """The code that the server closes with, whatever it says before."""
    if page.socket is None:
        return None
    async for message in page.socket:
        seq = message.json()["seq"]
        if seq % 20 == 0:
            await page.socket.send_json({"type": "ack", "seq": seq})
    return page.socket.close_code
