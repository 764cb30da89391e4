"""`make bench`: one run, one table, one JSON file. Nothing here passes or fails; the goals stand beside the figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from bench import processes, streams

RESULTS = Path(__file__).resolve().parent / "results"


def machine() -> dict[str, str]:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "?",
    )
    packages = ("django", "channels", "daphne", "httpx", "aiohttp", "markdown-it-py")
    return {
        "cpu": f"{os.cpu_count()} x {model}",
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


async def stream_figures(counts: list[int]) -> list[streams.Figures]:
    rows = []
    with processes.upstream() as upstream, processes.product(upstream.url) as product:
        idle = product.rss_mb()
        print(f"idle: {idle:.0f} MB")
        for count in counts:
            figures = await streams.measure(product, upstream, count)
            rows.append(figures)
            print(
                f"{count:4d} streams  first token +{figures.added_first_p50:.1f}/{figures.added_first_p99:.1f} ms (p50/p99), "
                f"its hop +{figures.first_hop_p50:.1f}/{figures.first_hop_p99:.1f} ms   token +{figures.delay_p50:.1f}/{figures.delay_p99:.1f} ms   "
                f"{figures.cpu_us_per_token:.0f} us CPU/token   {figures.kb_per_stream:.0f} KB/stream   lost {figures.lost}",
                flush=True,
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--streams", type=int, nargs="*", default=[1, 20, 100, 250, 300])
    options = parser.parse_args()
    rows = asyncio.run(stream_figures(options.streams))
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / time.strftime("%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps({"machine": machine(), "streams": [asdict(row) for row in rows]}, indent=2))
    print(f"written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
