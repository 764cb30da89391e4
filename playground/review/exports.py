"""Everybody's usage as files: CSV for spreadsheets, JSON for programs, both sent while they are made."""

from __future__ import annotations

import datetime
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from playground.lib.csv import csv_response, file_response, pull
from playground.review.breakdowns import Breakdown
from playground.usage.models import LedgerEntry

Row = Sequence[Any]
RUN_COLUMNS: dict[str, Callable[[LedgerEntry], Any]] = {
    "run": lambda entry: entry.run,
    "ran_at": lambda entry: entry.ran_at,
    "day": lambda entry: entry.day,
    "user": lambda entry: entry.owner_name,
    "source": lambda entry: entry.source,
    "provider": lambda entry: entry.provider,
    "model": lambda entry: entry.model_name,
    "resolved_model": lambda entry: entry.resolved_model,
    "key": lambda entry: entry.key,
    "preset": lambda entry: entry.preset,
    "status": lambda entry: entry.status,
    "prompt_tokens": lambda entry: entry.prompt_tokens,
    "cached_tokens": lambda entry: entry.cached_tokens,
    "completion_tokens": lambda entry: entry.completion_tokens,
    "reasoning_tokens": lambda entry: entry.reasoning_tokens,
    "is_estimated": lambda entry: entry.is_estimated,
    "input_price": lambda entry: entry.input_price,
    "cached_price": lambda entry: entry.cached_price,
    "output_price": lambda entry: entry.output_price,
    "amount_usd": lambda entry: entry.cost,  # with corrections; empty: unpriced
    "corrections_usd": lambda entry: entry.corrected,
    "first_token_ms": lambda entry: entry.first_token_ms,
    "duration_ms": lambda entry: entry.duration_ms,
}
BREAKDOWN_COLUMNS = (
    "name", "runs", "failed_runs", "interrupted_runs", "stopped_runs", "estimated_runs", "unpriced_runs", "prompt_tokens",
    "cached_tokens", "completion_tokens", "amount_usd", "estimated_usd", "first_token_p50_ms", "first_token_p95_ms",
)  # fmt: skip


def export(name: str, kind: str, columns: Sequence[str], batches: Iterator[Sequence[Row]]) -> StreamingHttpResponse:
    """A file of rows, `kind` "csv" or "json". No more than one batch of them is held at a time."""
    if kind == "json":
        return file_response(f"{name}.json", "application/json", _json(columns, batches))
    return csv_response(f"{name}.csv", columns, batches)


def run_rows(batches: Iterator[Sequence[LedgerEntry]]) -> Iterator[Sequence[Row]]:
    for entries in batches:
        yield [[read(entry) for read in RUN_COLUMNS.values()] for entry in entries]


def breakdown_rows(breakdown: Breakdown) -> list[Row]:
    return [
        (
            line.name,
            line.sums.runs,
            line.sums.failed_runs,
            line.sums.interrupted_runs,
            line.sums.stopped_runs,
            line.sums.estimated_runs,
            line.sums.unpriced_runs,
            line.sums.prompt_tokens,
            line.sums.cached_tokens,
            line.sums.completion_tokens,
            line.sums.known_amount,
            line.sums.estimated_amount,
            line.waits.p50 if line.waits else None,
            line.waits.p95 if line.waits else None,
        )
        for line in breakdown.lines
    ]


async def _json(columns: Sequence[str], batches: Iterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """An array with an object a line. Amounts are texts, so that no reader rounds them."""
    begin = "[\n"
    async for rows in pull(batches):
        objects = (dict(zip(columns, map(_json_value, row), strict=True)) for row in rows)
        text = ",\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in objects)
        if text:
            yield (begin + text).encode()
            begin = ",\n"
    yield ("[]\n" if begin == "[\n" else "\n]\n").encode()


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, (datetime.date, UUID)) else value
