"""Write playground/catalog/data/default_prices.json, and the licence beside it, from the installed package genai-prices.

Run it after `make requirements UPGRADE=1` has brought a newer one: a test compares. Why a file: docs/decisions/0015-default-prices.md.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

PACKAGE = "genai-prices"
DATA = Path(__file__).resolve().parent.parent / "playground" / "catalog" / "data"
FINEST = Decimal("0.000001")  # of a price row
LARGEST = Decimal(999_999)
# What the package prices besides text in and out, and what we never ask a server for: audio, video, hosted tools, and
# writes to a cache where a request has to ask for them.
_NEVER_ASKED = ("audio", "video", "web_searches", "storage", "image_output", "output_image")
# These write to their cache unasked, and bill it.
_WRITE_UNASKED = {"openai", "azure"}


def render() -> str:
    """The file's content: a model a line, so that a newer package can be reviewed as a difference."""
    from genai_prices.data import providers

    package = distribution(PACKAGE)
    head = {"package": PACKAGE, "version": package.version, "license": "MIT, see default_prices.LICENSE"}
    lines = [json.dumps(head, ensure_ascii=False)[1:-1]]
    blocks = [block for provider in providers if (block := _provider(provider))]
    return "{" + lines[0] + ', "providers": [\n' + ",\n".join(blocks) + "\n]}\n"


def licence() -> str:
    """The package's own, which asks to be kept with copies."""
    files = distribution(PACKAGE).files or []
    path = next(file for file in files if file.name == "LICENSE")
    return Path(str(path.locate())).read_text(encoding="utf-8")


def _provider(provider: Any) -> str:
    models = [json.dumps(model, ensure_ascii=False) for one in provider.models if (model := _model(one, provider.id))]
    if not models:
        return ""
    head: dict[str, Any] = {"id": provider.id, "api_pattern": provider.api_pattern}
    if provider.fallback_model_providers:
        head["fallback"] = provider.fallback_model_providers
    return json.dumps(head, ensure_ascii=False)[:-1] + ', "models": [\n' + ",\n".join(models) + "\n]}"


def _model(model: Any, provider: str) -> dict[str, Any]:
    """Nothing for what has no prices at all: it may be in a subscription, which is not free either."""
    dated = list(_dated(model.prices))
    said = [_row(prices, provider) for _since, prices in dated]
    reasons = [one for one in said if isinstance(one, str)]
    if any(since == "time of day" for since, _prices in dated):
        reasons = ["times of day"]
    match = _logic(model.match)
    if reasons:
        # An earlier price that could be said does not help: nothing can end it.
        return {"id": model.id, "match": match, "without": reasons[-1]}
    rows = [
        {**({"starts_on": since} if since else {}), **row}
        for (since, _prices), row in zip(dated, said, strict=True)
        if isinstance(row, dict)
    ]
    return {"id": model.id, "match": match, "prices": rows}


def _dated(prices: Any) -> Iterator[tuple[str, Any]]:
    """(day from which it counts, prices), oldest first; the first has no day."""
    for one in prices if isinstance(prices, list) else ():
        constraint = one.constraint
        if constraint is None:
            yield "", one.prices
        elif hasattr(constraint, "start_date"):
            yield constraint.start_date.isoformat(), one.prices
        else:
            yield "time of day", one.prices
    if not isinstance(prices, list):
        yield "", prices


def _row(prices: Any, provider: str) -> dict[str, str] | str:
    """The three prices of a row; or in a word what they cannot say."""
    left = {name: value for name, value in vars(prices).items() if value is not None}
    if not {"input_mtok", "output_mtok"} <= set(left):
        return "no price for text"
    if not all(isinstance(value, Decimal) for value in left.values()):
        return "tiers"
    row = {"input": left.pop("input_mtok"), "output": left.pop("output_mtok")}
    row["cached_input"] = left.pop("cache_read_mtok", None)
    for name, value in left.items():
        if reason := _reason(name, value, row, provider):
            return reason
    if any(value % FINEST or value > LARGEST for value in row.values() if value is not None):
        return "finer prices"
    return {name: str(row[name]) for name in ("input", "cached_input", "output") if row[name] is not None}


def _reason(name: str, value: Decimal, row: dict[str, Any], provider: str) -> str:
    """Why a further price cannot be left out; empty when it can."""
    if not value or any(part in name for part in _NEVER_ASKED):
        return ""
    if name.startswith("requests"):
        return "a price for each request"
    if name.startswith("cache_write"):
        return "a price for writing to the cache" if provider in _WRITE_UNASKED and value != row["input"] else ""
    base = "output" if "output" in name else "cached_input" if "cache" in name else "input"
    return "" if value == row[base] else f"a price for {name.removesuffix('_mtok').replace('_', ' ')}"


def _logic(match: Any) -> dict[str, Any]:
    """{"equals": "..."}, {"or": [...]}: the package's own raw form."""
    ((name, value),) = ((field.name, getattr(match, field.name)) for field in dataclasses.fields(match))
    name = name.rstrip("_")
    return {name: [_logic(one) for one in value] if isinstance(value, list) else value}


if __name__ == "__main__":
    (DATA / "default_prices.json").write_text(render(), encoding="utf-8")
    (DATA / "default_prices.LICENSE").write_text(licence(), encoding="utf-8")
    print(DATA / "default_prices.json")
