"""How much one process carries, what a second one adds, and what many viewers and idle pages cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bench import processes, streams
from bench.clients import Page, Seen, open_pages, session
from bench.processes import Process
from bench.streams import Figures, Usage

COUNTS = (100, 200, 300, 400, 500)
STARTED_WITHIN_S = 2.0
SERVERS = {
    "one process, daphne": ("manage.py", "serve"),
    "one process, uvicorn": (
        *("-m", "uvicorn", "playground.asgi:application", "--port", "{port}", "--log-level", "warning"),
        *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
    ),
}
LIMITS_MS = (100.0, 250.0)  # added delay of a token, 99th percentile
FAR_STREAMS = 100
ADMITTED, OVERLOAD = 100, 300
OVERLOAD_TOKENS = 250
FORGOTTEN_AFTER_S = 65  # the process keeps the logs of ended answers for a minute
VIEWERS = 100
VIEWED_TOKENS = 600
IDLE_SOCKETS = 1000


@dataclass
class Load:
    """One step of the ladder."""

    setup: str
    figures: Figures

    def __str__(self) -> str:
        first = self.figures.first
        return f"{self.setup}: {self.figures}   first token p99 {first.ours_p99:.0f} ms in all"


@dataclass
class Capacity:
    """The greatest number of streams of the ladder that kept within each limit and lost nothing."""

    setup: str
    within: dict[str, int]

    def __str__(self) -> str:
        return f"{self.setup} carries " + ", ".join(
            f"{count} within {limit} ms" for limit, count in self.within.items()
        )


@dataclass
class Viewers:
    """One answer read by one page and by many: CPU seconds of the process while it is written."""

    viewers: int
    cpu_s_one: float
    cpu_s_all: float
    lost: int

    def __str__(self) -> str:
        return (
            f"{self.viewers} viewers of one answer: {self.cpu_s_all:.2f} s of CPU, {self.cpu_s_all / self.cpu_s_one:.1f} "
            f"times that of one ({self.cpu_s_one:.2f} s)   lost {self.lost}"
        )


@dataclass
class Idle:
    """Sockets of signed-in pages that do nothing."""

    sockets: int
    kb_per_socket: float

    def __str__(self) -> str:
        return f"{self.sockets} idle sockets: {self.kb_per_socket:.0f} KB each"


@dataclass
class Overload:
    """Three times as many answers as a process admits, all asked for at once, and the process some time afterwards."""

    asked: int
    admitted: int
    token_p99_ms: float  # of all answers, from the moment the upstream wrote it
    lost: int
    unfinished: int
    first_before_ms: float  # one answer by itself, median of ten
    first_after_ms: float
    rss_before_mb: float
    rss_after_mb: float

    def __str__(self) -> str:
        return (
            f"{self.asked} asked of a process that admits {self.admitted}: token p99 {self.token_p99_ms:.0f} ms, lost {self.lost}, "
            f"unfinished {self.unfinished}; afterwards a first token takes {self.first_after_ms:.0f} ms "
            f"(before {self.first_before_ms:.0f}), {self.rss_after_mb:.0f} MB (before {self.rss_before_mb:.0f})"
        )


async def measure(counts: Sequence[int] = COUNTS) -> AsyncIterator[Load | Capacity | Overload | Viewers | Idle]:
    """All of it, one after the other."""
    with processes.upstream() as upstream:
        for setup, command in SERVERS.items():
            serve = partial(processes.product, upstream.url, command)
            async for row in ladder(setup, serve, upstream, counts):
                yield row
        with processes.product(upstream.url, PLAYGROUND_MAX_RUNS=str(ADMITTED)) as product:
            yield await overload(product)
        with processes.product(upstream.url) as product:
            yield await viewers(product)
            yield await idle(product)
        with processes.pair(upstream.url) as (one, two):
            figures = await streams.measure(one, upstream, FAR_STREAMS, spread_s=STARTED_WITHIN_S)
            yield Load("two processes, each reader at the process that writes", figures)
            figures = await streams.measure(one, upstream, FAR_STREAMS, spread_s=STARTED_WITHIN_S, readers=two)
            yield Load("two processes, each reader at the other one", figures)


async def ladder(
    setup: str,
    serve: Callable[[], AbstractContextManager[Process]],
    upstream: Process,
    counts: Sequence[int],
    page_class: type[Page] = Page,
) -> AsyncIterator[Load | Capacity]:
    """More and more streams, all begun within two seconds, until a token is later than the last limit or is lost."""
    within = {f"{limit:.0f}": 0 for limit in LIMITS_MS}
    for count in counts:
        with serve() as product:
            figures = await streams.measure(product, upstream, count, spread_s=STARTED_WITHIN_S, page_class=page_class)
        yield Load(setup, figures)
        added_ms = figures.token.ours_p99 - figures.token.direct_p99
        for limit in LIMITS_MS:
            if added_ms < limit and not figures.lost:
                within[f"{limit:.0f}"] = count
        if added_ms >= LIMITS_MS[-1] or figures.lost:
            break
    yield Capacity(setup, within)


async def overload(product: Process) -> Overload:
    client, pages = await open_pages(product.url, OVERLOAD)
    try:
        first_before_ms, rss_before_mb = await _first_ms(pages[0]), product.rss_mb()
        asks = [partial(page.ask, OVERLOAD_TOKENS, streams.RATE) for page in pages]
        seen = await streams.staggered(asks, STARTED_WITHIN_S)
        await asyncio.sleep(FORGOTTEN_AFTER_S)
        await pages[0].close()  # it has answered no ping meanwhile
        await pages[0].open(product.url.rstrip("/"))
        first_after_ms, rss_after_mb = await _first_ms(pages[0]), product.rss_mb()
    finally:
        await asyncio.gather(*(page.close() for page in pages))
        await client.close()
    return Overload(
        asked=OVERLOAD,
        admitted=ADMITTED,
        token_p99_ms=streams.percentile([late for one in seen for _written, late in one.delays], 0.99),
        lost=sum(one.lost_of(OVERLOAD_TOKENS) for one in seen),
        unfinished=sum(not one.is_done for one in seen),
        first_before_ms=first_before_ms,
        first_after_ms=first_after_ms,
        rss_before_mb=rss_before_mb,
        rss_after_mb=rss_after_mb,
    )


async def _first_ms(page: Page) -> float:
    return streams.percentile([(await page.ask(5, 1000)).first_token_ms for _ in range(10)], 0.5)


async def viewers(product: Process) -> Viewers:
    client, pages = await open_pages(product.url, VIEWERS)
    try:
        alone = await _viewed(product, pages[:1])
        together = await _viewed(product, pages)
    finally:
        await asyncio.gather(*(page.close() for page in pages))
        await client.close()
    return Viewers(VIEWERS, alone[0], together[0], alone[1] + together[1])


async def _viewed(product: Process, pages: Sequence[Page]) -> tuple[float, int]:
    """CPU seconds, and tokens lost, of an answer that the first page asks for and all of them read."""
    run = await pages[0].post(VIEWED_TOKENS, streams.RATE)
    before = product.cpu_s()
    for page in pages:
        page.seen = Seen()
    await asyncio.gather(*(page.follow(run) for page in pages))
    return product.cpu_s() - before, sum(page.seen.lost_of(VIEWED_TOKENS) for page in pages)


async def idle(product: Process) -> Idle:
    async with session(product.url) as client:
        async with client.get("/") as response:
            response.raise_for_status()
        url = product.url.rstrip("/")
        usage = Usage(product)
        sockets = [
            await client.ws_connect("/ws/", headers={"Origin": url}, max_msg_size=0) for _ in range(IDLE_SOCKETS)
        ]
        used_mb = product.rss_mb() - usage.before_mb
        await asyncio.gather(*(socket.close() for socket in sockets))
    return Idle(IDLE_SOCKETS, used_mb * 1024 / IDLE_SOCKETS)
