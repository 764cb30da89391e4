"""What the ledger says of one run: tokens, the price of its day, what that makes, and what was corrected since."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from playground.usage.models import EntryKind, LedgerEntry
from playground.usage.models.ledger import LedgerQuerySet
from playground.usage.pricing import PER_PRICE


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """Tokens of one kind. Without a price there is no amount."""

    name: str
    tokens: int
    price: Decimal | None  # US dollars for a million
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Charge:
    entry: LedgerEntry
    lines: Sequence[ChargeLine]
    price_day: datetime.date | None  # from which on the price was in force; None when its row is gone or there was none
    is_unsent: bool  # nothing left for the provider
    corrections: Sequence[LedgerEntry]
    total: Decimal | None  # with corrections; None: unpriced

    @property
    def has_price(self) -> bool:
        return self.entry.input_price is not None


def charge_of(rows: LedgerQuerySet, run: UUID) -> Charge | None:
    """What `rows` hold of `run`; None when there is nothing yet. One query."""
    entries = list(rows.filter(run=run).select_related("price").order_by("id"))
    entry = next((one for one in entries if one.kind == EntryKind.RUN), None)
    if entry is None:
        return None
    corrections = [one for one in entries if one.kind == EntryKind.CORRECTION]
    amounts = [one.amount for one in entries if one.amount is not None]
    return Charge(
        entry=entry,
        lines=_lines(entry),
        price_day=entry.price.starts_on if entry.price else None,
        is_unsent=entry.amount == 0 and entry.prompt_tokens is None and entry.completion_tokens is None,
        corrections=corrections,
        total=sum(amounts, Decimal(0)) if amounts else None,
    )


def _lines(entry: LedgerEntry) -> list[ChargeLine]:
    """As `usage.pricing.cost_of` counts them."""
    cached = entry.cached_tokens or 0
    cached_price = entry.cached_price if entry.cached_price is not None else entry.input_price
    lines = []
    if entry.prompt_tokens is not None:
        lines.append(_line(_("Input"), max(entry.prompt_tokens - cached, 0), entry.input_price))
    if cached:
        lines.append(_line(_("Cached input"), cached, cached_price))
    if entry.completion_tokens is not None:
        lines.append(_line(_("Output"), entry.completion_tokens, entry.output_price))
    return lines


def _line(name: str, tokens: int, price: Decimal | None) -> ChargeLine:
    return ChargeLine(name, tokens, price, None if price is None else tokens * price / PER_PRICE)
