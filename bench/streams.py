"""Delay, CPU and memory of streaming: the product against the upstream itself."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.clients import Page, Seen, open_pages, session, straight
from bench.processes import Process, own_process

RATE = 50  # tokens a second of each answer
ARRIVALS_PER_S = 5
WINDOW_S = 10
SETTLE_S = 2  # before the window: the last arrival's own work is not streaming


@dataclass
class Pair:
    """One figure straight from the upstream and through the product: median and 99th percentile, in milliseconds."""

    direct_p50: float
    direct_p99: float
    ours_p50: float
    ours_p99: float

    @classmethod
    def of(cls, direct: list[float], ours: list[float]) -> Pair:
        return cls(percentile(direct, 0.5), percentile(direct, 0.99), percentile(ours, 0.5), percentile(ours, 0.99))

    @property
    def added(self) -> str:
        """What the product adds, and how many times the direct way that makes, at the median."""
        times = f" ({self.ours_p50 / self.direct_p50:.1f}x)" if self.direct_p50 > 0 else ""
        return f"+{self.ours_p50 - self.direct_p50:.1f}/{self.ours_p99 - self.direct_p99:+.1f} ms{times}"


@dataclass
class Figures:
    """One series. The first token counts from Send; `first_hop` and `token` from the moment the upstream wrote them."""

    streams: int
    first: Pair
    first_hop: Pair
    token: Pair
    cpu_s_per_1000_tokens: float
    direct_cpu_s_per_1000_tokens: float  # of a plain aiohttp client that reads the same answers
    kb_per_stream: float
    rss_mb: float
    lost: int

    def __str__(self) -> str:
        return (
            f"{self.streams:4d} streams   first token {self.first.added}, its hop {self.first_hop.added}   "
            f"token {self.token.added}   CPU {self.cpu_s_per_1000_tokens:.3f} s/1,000 tokens "
            f"({self.cpu_s_per_1000_tokens / self.direct_cpu_s_per_1000_tokens:.1f}x)   "
            f"{self.kb_per_stream:.0f} KB/stream   lost {self.lost}"
        )


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def straight_all(base_url: str, count: int, tokens: int, rate: int, spread_s: float) -> list[Seen]:
    async with session() as client:
        await straight(client, base_url, 1, 1000)  # what the first request of a client costs is not the upstream's
        return await staggered([lambda: straight(client, base_url, tokens, rate)] * count, spread_s)


async def staggered(calls: Sequence[Callable[[], Awaitable[Seen]]], spread_s: float) -> list[Seen]:
    """Begin the calls evenly over `spread_s` seconds."""

    async def late(number: int, call: Callable[[], Awaitable[Seen]]) -> Seen:
        await asyncio.sleep(spread_s * number / len(calls))
        return await call()

    return list(await asyncio.gather(*(late(number, call) for number, call in enumerate(calls))))


async def measure(
    product: Process,
    upstream: Process,
    count: int,
    *,
    rate: int = RATE,
    spread_s: float | None = None,
    readers: Process | None = None,
    page_class: type[Page] = Page,
) -> Figures:
    """`count` answers at once, first straight, then through pages.

    The answers begin one after the other, over `spread_s` seconds or at `ARRIVALS_PER_S`, and are long enough that all of them
    are being written for `WINDOW_S` seconds: delays and processor time are those of that window, so that the arrivals do not
    hide the streaming. Pages send to `product`; they read from there, or from another process, `readers`.
    """
    spread_s = count / ARRIVALS_PER_S if spread_s is None else spread_s
    tokens = int(rate * (spread_s + WINDOW_S + SETTLE_S))
    usage = Usage(own_process())
    watch = asyncio.create_task(usage.watch())
    direct = await straight_all(upstream.url, count, tokens, rate, spread_s)
    watch.cancel()
    window = window_after(direct)
    base = window_of(direct, *window)
    direct_cpu_s = usage.cpu_s(*window)
    client, pages = await open_pages(product.url, count, sockets_url=(readers or product).url, page_class=page_class)
    try:
        usage = Usage(product, *([readers] if readers else []))
        watch = asyncio.create_task(usage.watch())
        seen = await staggered([partial(page.ask, tokens, rate) for page in pages], spread_s)
        watch.cancel()
    finally:
        await asyncio.gather(*(page.close() for page in pages))
        await client.close()
    begin, end = window_after(seen)
    delays = window_of(seen, begin, end)
    rss_mb = usage.peak_mb(begin, end)
    return Figures(
        streams=count,
        first=Pair.of([one.first_token_ms for one in direct], [one.first_token_ms for one in seen]),
        first_hop=Pair.of([one.first_delay for one in direct], [one.first_delay for one in seen]),
        token=Pair.of(base, delays),
        cpu_s_per_1000_tokens=usage.cpu_s(begin, end) * 1000 / (len(delays) or math.nan),
        direct_cpu_s_per_1000_tokens=direct_cpu_s * 1000 / len(base),
        kb_per_stream=(rss_mb - usage.before_mb) * 1024 / count,
        rss_mb=rss_mb,
        lost=sum(one.lost_of(tokens) for one in seen) + sum(not one.is_done for one in seen),
    )


def window_after(seen: list[Seen]) -> tuple[float, float]:
    """The milliseconds in which all answers were being written."""
    begin = max(one.first_at for one in seen) + SETTLE_S * 500
    return begin, begin + WINDOW_S * 1000


def window_of(seen: list[Seen], begin: float, end: float) -> list[float]:
    return [delay for one in seen for written, delay in one.delays if begin <= written < end]


class Usage:
    """Processor time and memory of processes together, ten times a second."""

    def __init__(self, *processes: Process) -> None:
        self._processes = processes
        self._samples: list[tuple[float, float, float]] = []  # (milliseconds, CPU seconds so far, MB)
        self.before_mb = self._mb()

    def _mb(self) -> float:
        return sum(process.rss_mb() for process in self._processes)

    async def watch(self) -> None:
        while True:
            used = sum(process.cpu_s() for process in self._processes)
            self._samples.append((time.monotonic() * 1000, used, self._mb()))
            await asyncio.sleep(0.1)

    def cpu_s(self, begin: float, end: float) -> float:
        inside = [used for at, used, _mb in self._samples if begin <= at <= end]
        return inside[-1] - inside[0]

    def peak_mb(self, begin: float, end: float) -> float:
        return max(mb for at, _used, mb in self._samples if begin <= at <= end)
