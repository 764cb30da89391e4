"""Which column of an invoice file means what. Providers name them in their own ways; these are the ones we know."""

from __future__ import annotations

import re
from collections.abc import Sequence

# By what the column holds; the first known name that the file has counts. In lower case, words joined by one underscore.
NAMES: dict[str, tuple[str, ...]] = {
    "model": (
        "model", "model_name", "model_id", "snapshot_id", "snapshot", "deployment", "deployment_name", "line_item", "meter",
    ),
    "prompt_tokens": (
        "prompt_tokens", "input_tokens", "n_context_tokens_total", "context_tokens", "prompt_tokens_total", "tokens_prompt",
        "input", "prompt", "tokens_in",
    ),
    "cached_tokens": (
        "cached_tokens", "input_cached_tokens", "cached_input_tokens", "n_cached_context_tokens_total", "cache_read_tokens",
        "cached_prompt_tokens", "cached_input", "cached", "tokens_cached",
    ),
    "completion_tokens": (
        "completion_tokens", "output_tokens", "n_generated_tokens_total", "generated_tokens", "completion_tokens_total",
        "tokens_completion", "output", "completion", "tokens_out",
    ),
    "amount": (
        "amount", "cost", "amount_value", "cost_usd", "amount_usd", "total_cost", "cost_in_usd", "price", "total", "usage_cost",
        "pretax_cost", "charge",
    ),
    "requests": ("num_model_requests", "n_requests", "num_requests", "requests", "request_count"),
    "currency": ("currency", "amount_currency", "billing_currency"),
    "day": ("start_time_iso", "date", "day", "usage_date", "start_time", "timestamp", "created_at"),
}  # fmt: skip
TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens")
FIGURES = (*TOKENS, "amount")


def places_of(header: Sequence[str]) -> dict[str, int]:
    """Where each of NAMES stands in `header`; what is not there is left out."""
    known: dict[str, int] = {}
    for place, title in enumerate(header):
        known.setdefault(plain(title), place)
    found = {}
    for meaning, names in NAMES.items():
        place_of = next((known[name] for name in names if name in known), None)
        if place_of is not None:
            found[meaning] = place_of
    return found


def plain(title: str) -> str:
    """ "Cost (USD)" as "cost_usd"."""
    return re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_")
