"""What models cost by the price list that ships as a data file (decision 0015). Nothing of it is kept in memory.

The file is made by `scripts/default_prices.py` from the package genai-prices.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from playground.catalog.models import Model, Price, PriceSource
from playground.catalog.schemas import read_data

FILE = "default_prices"
# Hosts of the list's patterns end where an address goes on or ends: "https://api.example.com" is not "...com.evil.example".
_AFTER_HOST = re.compile(r"[/:?#]|$")


@dataclass(frozen=True, slots=True)
class DefaultPrice:
    """US dollars per 1,000,000 tokens. `starts_on` None: for as long as the list knows."""

    input: Decimal
    cached_input: Decimal | None
    output: Decimal
    starts_on: datetime.date | None = None

    def equals(self, price: Price) -> bool:
        return (self.input, self.cached_input, self.output) == (price.input, price.cached_input, price.output)


@dataclass(frozen=True, slots=True)
class Found:
    """The list's entry for a model: its prices, oldest first; or none, and why a row of three prices cannot say them."""

    prices: Sequence[DefaultPrice]
    without: str = ""  # "tiers", "times of day", ...


class PriceList:
    """Read it, ask it, drop it: a megabyte or two while it is there."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        data = read_data(FILE) if data is None else data
        self.note = f"{data['package']} {data['version']}"
        self._providers: list[dict[str, Any]] = data["providers"]

    def find(self, *, base_url: str, slug: str, name: str) -> Found | None:
        """What the list says of the model `name` at that server. None: it knows the server or the model not."""
        provider = self._provider(base_url, slug)
        if provider is None:
            return None
        for source in (provider, *self._fallbacks(provider)):
            for model in source["models"]:
                if matches(model["match"], name.lower()):
                    return _found(model)
        return None

    def _provider(self, base_url: str, slug: str) -> dict[str, Any] | None:
        """By its address; else by its name, for what stands in front of a provider under the name of that provider."""
        for provider in self._providers:
            found = re.match(provider["api_pattern"], base_url)
            if found and (found[0].endswith("/") or _AFTER_HOST.match(base_url, found.end())):
                return provider
        return next((provider for provider in self._providers if provider["id"] == slug), None)

    def _fallbacks(self, provider: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """Providers whose models this one sells at their prices."""
        wanted = provider.get("fallback", ())
        return (one for name in wanted for one in self._providers if one["id"] == name)


_TESTS: Mapping[str, Callable[[Any, str], bool]] = {
    "equals": lambda value, name: bool(name == value.lower()),
    "starts_with": lambda value, name: name.startswith(value.lower()),
    "ends_with": lambda value, name: name.endswith(value.lower()),
    "contains": lambda value, name: value.lower() in name,
    "regex": lambda value, name: re.search(value, name) is not None,
    "or": lambda value, name: any(matches(one, name) for one in value),
    "and": lambda value, name: all(matches(one, name) for one in value),
}


def matches(logic: Mapping[str, Any], name: str) -> bool:
    """Whether `name`, in lower case, fits: {"equals": "..."}, {"or": [...]} and so on, as the package has it. KeyError for others."""
    ((kind, value),) = logic.items()
    return _TESTS[kind](value, name)


def _found(model: Mapping[str, Any]) -> Found:
    if without := model.get("without"):
        return Found((), without)
    return Found([_price(row) for row in model["prices"]])


def _price(row: Mapping[str, str]) -> DefaultPrice:
    return DefaultPrice(
        input=Decimal(row["input"]),
        cached_input=Decimal(row["cached_input"]) if "cached_input" in row else None,
        output=Decimal(row["output"]),
        starts_on=datetime.date.fromisoformat(row["starts_on"]) if "starts_on" in row else None,
    )


def give_default_prices(models: Iterable[Model]) -> int:
    """Price rows for those of `models` that the list knows and nobody else has priced. Returns how many were made.

    `provider` and `prices` of `models` are to be loaded. A row that is there never changes: what the list has come to say
    otherwise is a row from today on. A model with any row of an admin's, or of those that ship, is left alone.
    """
    wanted = [model for model in models if _is_ours(model)]
    if not wanted:
        return 0
    prices, today = PriceList(), timezone.now().date()
    rows = []
    for model in wanted:
        found = prices.find(base_url=model.provider.base_url, slug=model.provider.slug, name=model.name)
        for starts_on, price in _missing(found, list(model.prices.all()), today):
            fields = {"input": price.input, "cached_input": price.cached_input, "output": price.output}
            rows.append(Price(model=model, starts_on=starts_on, source=PriceSource.DEFAULT, note=prices.note, **fields))
    Price.objects.bulk_create(rows, ignore_conflicts=True)  # another process may do the same
    return len(rows)


def _is_ours(model: Model) -> bool:
    if model.provider.is_embedded:
        return False
    return all(price.source == PriceSource.DEFAULT for price in model.prices.all())


def _missing(
    found: Found | None, rows: Sequence[Price], today: datetime.date
) -> Iterable[tuple[datetime.date, DefaultPrice]]:
    """What `rows` lack, with the days from which it counts."""
    if found is None or not found.prices:
        return
    taken = {row.starts_on for row in rows}
    coming = [price for price in found.prices if price.starts_on and price.starts_on > today]
    now = [price for price in found.prices if price not in coming][-1:]
    for price in now:
        in_force = max((row for row in rows if row.starts_on <= today), key=lambda row: row.starts_on, default=None)
        if in_force is None or not price.equals(in_force):
            since = (
                price.starts_on if price.starts_on and (not in_force or price.starts_on > in_force.starts_on) else today
            )
            if since not in taken:
                yield since, price
    for price in coming:
        if price.starts_on and price.starts_on not in taken:
            yield price.starts_on, price
