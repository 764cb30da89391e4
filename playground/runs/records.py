"""What operators get to know of runs: lines in the log and figures in `/metrics`. Names and numbers, never what was said."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

from playground.lib.logs import fields
from playground.lib.metrics import Names, registry
from playground.runs.circuit import ProviderDown
from playground.runs.live import LiveRun, Outcome
from playground.runs.models import Run
from playground.upstream.errors import UpstreamError

log = logging.getLogger(__name__)

MIN_RATE_S = 0.1  # a rate over less says nothing: a short answer, or one that came whole

runs_ended = Counter(
    "playground_runs_ended", "Runs that ended in this process.", ["status", "source"], registry=registry
)
runs_reaped = Counter(
    "playground_runs_reaped", "Runs of dead processes that this one marked as interrupted.", registry=registry
)
wait_seconds = Histogram(
    "playground_run_wait_seconds",
    "From taking a run on to sending its request: its time in line, mostly.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
    registry=registry,
)
first_token_seconds = Histogram(
    "playground_first_token_seconds",
    "From sending the request to the first token.",
    ["provider"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 120),
    registry=registry,
)
tokens_per_second = Histogram(
    "playground_tokens_per_second",
    "Tokens per second of an answer, from its first token to its end.",
    ["provider"],
    buckets=(1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000),
    registry=registry,
)
upstream_errors = Counter(
    "playground_upstream_errors", "Runs that a model server failed.", ["provider", "kind"], registry=registry
)
retries = Counter("playground_upstream_retries", "Requests sent again.", ["provider"], registry=registry)
write_seconds = Histogram(
    "playground_write_seconds",
    "Writing what running answers gained (checkpoint), or the ends of runs (end).",
    ["step"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
    registry=registry,
)
write_failures = Counter(
    "playground_write_failures", "Writes that the database refused; they are tried again.", ["step"], registry=registry
)
for _step in ("checkpoint", "end"):  # there from the start, so that the first failure is an increase
    write_seconds.labels(_step)
    write_failures.labels(_step)

_providers = Names()


def begun(run: Run) -> None:
    """This process takes `run` on. Called in the request that asked for it, so its line bears both ids."""
    log.info("Run %s begins", run.uuid, extra=fields(run_id=str(run.uuid), model=run.model_name))


def ended(live: LiveRun, outcome: Outcome) -> None:
    """The end of a run is written. Call it once."""
    run, provider = live.run, _provider(live.run)
    runs_ended.labels(outcome.status, run.source).inc()
    if live.sent_at is not None:
        wait_seconds.observe(live.sent_at - live.begun_at)
    if outcome.first_token_ms is not None:
        first_token_seconds.labels(provider).observe(outcome.first_token_ms / 1000)
    if rate := _rate(outcome):
        tokens_per_second.labels(provider).observe(rate)
    told = fields(
        status=str(outcome.status),
        model=run.model_name,
        first_token_ms=outcome.first_token_ms,
        duration_ms=outcome.duration_ms,
        completion_tokens=outcome.completion_tokens,
    )
    log.info("Run %s ended: %s", run.uuid, outcome.status, extra=told)


def failed(run: Run, error: Exception) -> None:
    """`error` ends the run. What is not the model server's fault is no news here: the run's own end counts it."""
    if not isinstance(error, UpstreamError | ProviderDown):
        return
    provider, kind = _provider(run), kind_of(error)
    upstream_errors.labels(provider, kind).inc()
    status = getattr(error, "status", None)
    told = fields(provider=provider, kind=kind, status=status)
    log.warning("Provider %s failed run %s: %s (%s)", provider, run.uuid, kind, status or "no status", extra=told)


def retried(run: Run) -> None:
    """The request of `run` is sent again."""
    retries.labels(_provider(run)).inc()


def reaped(count: int) -> None:
    """`count` runs of dead processes were marked as interrupted."""
    runs_reaped.inc(count)


@contextmanager
def writing(step: str) -> Iterator[None]:
    """Around one write of runs to the database: how long it took, or that it was refused."""
    began = time.perf_counter()
    try:
        yield
    except Exception:
        write_failures.labels(step).inc()
        raise
    write_seconds.labels(step).observe(time.perf_counter() - began)


def kind_of(error: Exception) -> str:
    """The class of an error as a label: few values, none of them from a server."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _provider(run: Run) -> str:
    """The slug in the public name, which is there without a query."""
    return _providers(run.model_name.partition("/")[0])


def _rate(outcome: Outcome) -> float | None:
    if outcome.duration_ms is None or outcome.first_token_ms is None or not outcome.completion_tokens:
        return None
    seconds = (outcome.duration_ms - outcome.first_token_ms) / 1000
    return (outcome.completion_tokens - 1) / seconds if seconds >= MIN_RATE_S else None
