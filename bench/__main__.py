"""`make bench`: one run, one table, one JSON file. Nothing here passes or fails: the goals stand beside the figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import load, moments, processes, streams, sweep, tutorial

RESULTS = Path(__file__).resolve().parent / "results"
PACKAGES = ("django", "channels", "daphne", "httpx", "aiohttp", "markdown-it-py")
STREAMS = (1, 20, 100, 250, 300)
GOALS = {
    "streams": "first token +10/+30 ms (p50/p99) at 20; token p99 under +80 ms at 100 and +100 ms at 250; nothing lost; "
    "0.130 s CPU per 1,000 tokens at 100; 100 KB a stream; 150 MB idle",
    "load": "one process: 300 streams begun within 2 s, token p99 under +100 ms, first token p99 under 1 s, 0.100 s CPU per 1,000 "
    "tokens at 200; two processes: p99 under +100 ms, 0.030 s more for a reader at the other one; 100 viewers for 5 times the "
    "CPU of one; an idle socket 80 KB",
    "tutorial": "none, it is the baseline: one process of ours is to carry several times as many, and lose nothing of a fast answer",
    "moments": "Stop p99 50 ms on the same process and 1,200 ms on another; back on 32,000 tokens in 100 ms; with SIGTERM every page is "
    "told 1012 and the process ends 2 s after the drain",
    "markdown": "an answer of 32,000 tokens in 500 ms of CPU, no step over 10 ms",
    "opening": "1,000 messages in 100 ms and 12 queries",
    "usage": "the review of 30 days in 300 ms of server time, of a year in 1 s, at most 30 queries, over 1,000,000 runs in PostgreSQL "
    "and 100,000 in SQLite",
    "compare": "8 columns at 50 tokens/s on one socket: token p99 within that of one answer plus 50 ms; no task over 50 ms in the browser",
    "sweep": "500 runs with nothing lost, memory bounded; its page in 300 ms of server time and 20 queries",
    "browser": "1 ms a frame, as much at the end as at the beginning",
}


def machine() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")
    return {
        "cpu": f"{os.cpu_count()} x {model}",
        "load": f"{os.getloadavg()[0]:.2f} when it began",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


async def measure_streams(counts: Iterable[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with processes.upstream() as upstream, processes.product(upstream.url) as product:
        print(f"   0 streams   idle {product.rss_mb():.0f} MB", flush=True)
        rows.append({"streams": 0, "rss_mb": product.rss_mb()})
        for count in counts:
            figures = await streams.measure(product, upstream, count)
            print(figures, flush=True)
            rows.append(asdict(figures))
    return rows


async def collect(measuring: AsyncIterator[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    async for row in measuring:
        print(row, flush=True)
        rows.append(asdict(row))
    return rows


def in_own_process(part: str) -> list[dict[str, Any]]:
    """What the module of that name measures. Settings and memory of one part are not to be those of the next."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        rows = pool.submit(processes.rows_of, part).result()
    for row in rows:
        print(row, flush=True)
    return [asdict(row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="All parts, or those that are named.")
    parser.add_argument("parts", nargs="*", choices=[*GOALS, []], help=", ".join(GOALS))
    parser.add_argument("--streams", type=int, nargs="+", default=STREAMS, help="how many at once, one series each")
    parser.add_argument(
        "--load", type=int, nargs="+", default=load.COUNTS, help="the ladder that shows what one carries"
    )
    parser.add_argument(
        "--tutorial", type=int, nargs="+", default=tutorial.COUNTS, help="the same ladder for the tutorials' pattern"
    )
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine()}
    print("\n".join(f"{name}: {value}" for name, value in result["machine"].items()))
    for part in options.parts or GOALS:
        print(f"\n{part} (goal: {GOALS[part]})", flush=True)
        if part == "streams":
            result[part] = asyncio.run(measure_streams(options.streams))
        elif part == "load":
            result[part] = asyncio.run(collect(load.measure(options.load)))
        elif part == "tutorial":
            result[part] = asyncio.run(collect(tutorial.measure(options.tutorial)))
        elif part == "moments":
            result[part] = asyncio.run(collect(moments.measure()))
        elif part == "sweep":
            result[part] = asyncio.run(collect(sweep.measure()))
        else:
            result[part] = in_own_process(part)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / time.strftime("%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps(result, indent=2))
    print(f"\nwritten to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
