"""`/metrics` in the text format of Prometheus, answered before Django: no session, no database, no model.

What is counted (`runs.records`, `server.access`, `server.lag`) stands in the registry. What merely is, such as how many answers are
being written, is read from the engine's and the sockets' own structures when somebody asks: at once and on the event loop,
to which they belong. The text is made of both in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from playground.chat import consumers
from playground.lib.asgi import ASGIApp, Receive, Scope, Send
from playground.lib.metrics import registry
from playground.runs import lifecycle
from playground.runs.pace import pace
from playground.server.operators import answer, may_see, shows_token
from playground.server.watch import Watch

PATH = "/metrics"


class Metrics:
    """Wraps the application. For operators alone: to others the address does not exist, a wrong token gets 403."""

    def __init__(self, app: ASGIApp, *, parts: Sequence[Watch] = ()) -> None:
        self._app, self._parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("path") != PATH:
            await self._app(scope, receive, send)
        elif not may_see(scope):
            refusal = (403, b"wrong token\n") if shows_token(scope) else (404, b"not found\n")
            await answer(scope, send, *refusal)
        elif scope["method"] not in {"GET", "HEAD"}:
            await answer(scope, send, 405, b"")
        else:
            text = await asyncio.to_thread(generate_latest, _Both(list(now(self._parts))))
            await answer(scope, send, 200, text, CONTENT_TYPE_PLAIN_0_0_4.encode())


def now(parts: Sequence[Watch]) -> Iterator[Metric]:
    """What is, this moment. Call it on the event loop."""
    engine = lifecycle.engine()
    admission, log = engine.admission, engine.log
    ending = max(0, len(engine.carried()) - admission.running - admission.waiting)
    states = {"queued": admission.waiting, "streaming": admission.running, "ending": ending}
    yield _gauge("playground_runs", "Runs that this process carries.", states, "state")
    places = {"run": admission.places, "wait": admission.waiting_places}
    yield _gauge("playground_run_places", "How many runs it carries and lets wait at most.", places, "kind")
    yield _gauge("playground_live_streams", "Answers that have begun to arrive and go on.", engine.streaming)
    yield _gauge("playground_sockets", "Pages that are connected.", consumers.open_sockets())
    yield _gauge("playground_readers", "Live answers that connected pages follow.", consumers.open_readers())
    yield _gauge("playground_logs", "Run logs in memory: going on, just ended, or of another process.", len(log))
    yield _gauge("playground_log_characters", "Characters of text that they hold.", log.held_chars)
    yield _gauge("playground_frame_seconds", "How often live answers move on; longer when busy.", pace.frame_s)
    up = {part.name: int(part.is_up) for part in parts}
    yield _gauge("playground_up", "Whether what the server stands on answers.", up, "part")


def _gauge(name: str, text: str, value: float | dict[str, int], label: str = "") -> GaugeMetricFamily:
    if not isinstance(value, dict):
        return GaugeMetricFamily(name, text, value=value)
    family = GaugeMetricFamily(name, text, labels=[label])
    for of, count in value.items():
        family.add_metric([of], count)
    return family


class _Both(Collector):
    """What was read, and then what was counted."""

    def __init__(self, read: list[Metric]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        yield from self._read
        yield from registry.collect()
