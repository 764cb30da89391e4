"""A sweep of 10 x 10 x 5 against the bench's upstream: nothing lost, memory bounded, and how fast its page opens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from statistics import median

import aiohttp

from bench import clients, processes

TOKENS, RATE, AT_ONCE = 100, 200, 16
VALUES = " ".join(f"{number / 10:g}" for number in range(10))
REPEATS, OPENINGS = 5, 15
RUNS = 10 * 10 * REPEATS


@dataclass
class Sweep:
    """`page_ms` is the wall time of one request on a quiet server, its transport included."""

    runs: int
    done: int
    tokens_lost: int
    took_s: float
    page_ms: float
    rss_before_mb: float
    rss_after_mb: float

    def __str__(self) -> str:
        return (
            f"{self.done} of {self.runs} runs in {self.took_s:.1f} s, {self.tokens_lost} tokens lost; page {self.page_ms:.0f} ms; "
            f"memory {self.rss_before_mb:.0f} MB before, {self.rss_after_mb:.0f} MB after"
        )


async def measure() -> AsyncIterator[Sweep]:
    with processes.upstream() as upstream, processes.product(upstream.url) as product:
        async with clients.session(product.url) as client:
            await _read(client, "/")
            before = product.rss_mb()
            began = time.monotonic()
            path = await _start(client)
            cells = await _until_done(client, path)
            took_s = time.monotonic() - began
            times = [await _time(client, path) for _opening in range(OPENINGS)]
            yield Sweep(
                runs=RUNS,
                done=sum(cell["state"] == "done" for cell in cells),
                tokens_lost=sum(TOKENS - len(clients.TOKEN.findall(cell.get("answer") or "")) for cell in cells),
                took_s=took_s,
                page_ms=median(times) * 1000,
                rss_before_mb=before,
                rss_after_mb=product.rss_mb(),
            )


async def _start(client: aiohttp.ClientSession) -> str:
    fields = {
        "text": f"tokens={TOKENS} rate={RATE}",
        "model": "openai/bench",
        "axis1": "temperature",
        "axis1_values": VALUES,
        "axis2": "top_p",
        "axis2_values": VALUES,
        "repeats": str(REPEATS),
        "concurrency": str(AT_ONCE),
    }
    token = next(cookie.value for cookie in client.cookie_jar if cookie.key == "csrftoken")
    headers = {"X-CSRFToken": token}
    async with client.post("/compare/sweeps/", data=fields, headers=headers, allow_redirects=False) as response:
        if response.status != 302:
            raise RuntimeError(f"not started: {response.status} {(await response.text())[:500]}")
        return response.headers["Location"]


async def _until_done(client: aiohttp.ClientSession, path: str) -> list[dict[str, object]]:
    while True:
        await asyncio.sleep(0.5)
        if 'id="sweep-poll" data-quiet>' in await _read(client, path):  # nothing goes on any more
            return json.loads(await _read(client, f"{path}export.json"))["cells"]


async def _time(client: aiohttp.ClientSession, path: str) -> float:
    began = time.perf_counter()
    await _read(client, path)
    return time.perf_counter() - began


async def _read(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as response:
        response.raise_for_status()
        return await response.text()


async def main() -> None:
    async for figures in measure():
        print(figures)


if __name__ == "__main__":
    asyncio.run(main())
