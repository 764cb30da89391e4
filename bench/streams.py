"""Delay, CPU and memory of streaming: the product against the upstream itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median

import httpx

from bench.clients import Seen, open_pages, straight
from bench.processes import Process

RATE = 50  # tokens a second of each answer
ARRIVALS_PER_S = 5
WINDOW_S = 10
SETTLE_S = 2  # before the window: the last arrival's own work is not streaming


@dataclass
class Figures:
    """One series: milliseconds, microseconds of CPU per token, kilobytes per stream."""

    streams: int
    first_p50: float
    first_p99: float
    added_first_p50: float
    added_first_p99: float
    first_hop_p50: float
    first_hop_p99: float
    delay_p50: float
    delay_p99: float
    lost: int
    cpu_us_per_token: float
    kb_per_stream: float
    peak_rss_mb: float


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def straight_all(base_url: str, count: int, tokens: int, rate: int, spread_s: float) -> list[Seen]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        return await staggered([lambda: straight(client, base_url, tokens, rate)] * count, spread_s)


async def staggered(calls: list, spread_s: float) -> list[Seen]:
    """Begin the calls evenly over `spread_s` seconds."""

    async def late(number: int, call) -> Seen:
        await asyncio.sleep(spread_s * number / len(calls))
        return await call()

    return list(await asyncio.gather(*(late(number, call) for number, call in enumerate(calls))))


async def measure(product: Process, upstream: Process, count: int, *, rate: int = RATE) -> Figures:
    """`count` answers at once, first straight, then through pages.

    The answers begin one after the other (`ARRIVALS_PER_S`) and are long enough that all of them are being written for
    `WINDOW_S` seconds: delays and processor time are those of that window, so that the arrivals do not hide the streaming.
    """
    spread_s = count / ARRIVALS_PER_S
    tokens = int(rate * (spread_s + WINDOW_S + SETTLE_S))
    direct = await straight_all(upstream.url, count, tokens, rate, spread_s)
    base = window_of(direct, *window_after(direct))
    client, pages = await open_pages(product.url, count)
    try:
        rss_before, peak_rss.value = product.rss_mb(), 0.0
        watch = asyncio.create_task(watch_product(product))
        seen = await staggered([lambda page=page: page.ask(tokens, rate) for page in pages], spread_s)
        watch.cancel()
    finally:
        await asyncio.gather(*(page.close() for page in pages))
        await client.aclose()
    begin, end = window_after(seen)
    delays = window_of(seen, begin, end)
    cpu_s = peak_rss.cpu_at(end) - peak_rss.cpu_at(begin)
    first, direct_first = [one.first_token_ms for one in seen], [one.first_token_ms for one in direct]
    return Figures(
        streams=count,
        first_p50=median(first),
        first_p99=percentile(first, 0.99),
        added_first_p50=median(first) - median(direct_first),
        added_first_p99=percentile(first, 0.99) - percentile(direct_first, 0.99),
        first_hop_p50=median(one.first_delay for one in seen) - median(one.first_delay for one in direct),
        first_hop_p99=percentile([one.first_delay for one in seen], 0.99)
        - percentile([one.first_delay for one in direct], 0.99),
        delay_p50=median(delays) - median(base),
        delay_p99=percentile(delays, 0.99) - percentile(base, 0.99),
        lost=sum(tokens - one.next_token for one in seen) + sum(not one.is_done for one in seen),
        cpu_us_per_token=cpu_s * 1e6 / len(delays),
        kb_per_stream=(peak_rss.value - rss_before) * 1024 / count,
        peak_rss_mb=peak_rss.value,
    )


def window_after(seen: list[Seen]) -> tuple[float, float]:
    """The milliseconds in which all answers were being written."""
    begin = max(one.first_at for one in seen) + SETTLE_S * 500
    return begin, begin + WINDOW_S * 1000


def window_of(seen: list[Seen], begin: float, end: float) -> list[float]:
    return [delay for one in seen for written, delay in one.delays if begin <= written < end]


class peak_rss:  # noqa: N801 - what one task writes while it watches
    value = 0.0
    cpu: list[tuple[float, float]] = []

    @classmethod
    def cpu_at(cls, at_ms: float) -> float:
        """Processor seconds used up to then."""
        return max((used for when, used in cls.cpu if when <= at_ms), default=cls.cpu[0][1])


async def watch_product(product: Process) -> None:
    peak_rss.cpu = []
    while True:
        peak_rss.value = max(peak_rss.value, product.rss_mb())
        peak_rss.cpu.append((time.monotonic() * 1000, product.cpu_s()))
        await asyncio.sleep(0.1)
