"""How late the event loop comes to what is due: everything that is live waits that long."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import Histogram

from playground.lib.metrics import registry

EVERY_S = 0.25

lag_seconds = Histogram(
    "playground_event_loop_lag_seconds",
    "How late the event loop woke up, four times a second.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=registry,
)


async def watch_lag() -> None:
    """Runs until it is cancelled."""
    while True:
        due = time.monotonic() + EVERY_S
        await asyncio.sleep(EVERY_S)
        lag_seconds.observe(max(0.0, time.monotonic() - due))
