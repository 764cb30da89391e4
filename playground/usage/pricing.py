"""What tokens cost."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from playground.catalog.models import Price

PER_PRICE = 1_000_000  # prices are for a million tokens


class Rates(Protocol):
    """US dollars per 1,000,000 tokens: a price row, or what one might say."""

    @property
    def input(self) -> Decimal: ...
    @property
    def cached_input(self) -> Decimal | None: ...
    @property
    def output(self) -> Decimal: ...


Prices = Mapping[int, Sequence[Price]]  # by model, newest first


def cost_of(price: Rates, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> Decimal:
    """US dollars, exact. Cached tokens are a part of the prompt's; without a price of their own they cost the full one."""
    cached = price.cached_input if price.cached_input is not None else price.input
    fresh = max(prompt_tokens - cached_tokens, 0)
    return (fresh * price.input + cached_tokens * cached + completion_tokens * price.output) / PER_PRICE


def load_prices(models: Iterable[int]) -> Prices:
    """Every price row of these models. One query."""
    prices: dict[int, list[Price]] = {}
    for price in Price.objects.filter(model_id__in=set(models)).order_by("-starts_on"):
        prices.setdefault(price.model_id, []).append(price)
    return prices


def price_on(day: datetime.date, prices: Sequence[Price]) -> Price | None:
    """The row in force on `day`, of rows that stand newest first. None: unpriced."""
    return next((price for price in prices if price.starts_on <= day), None)
