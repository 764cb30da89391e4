"""Writing the ledger and reading what runs cost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from playground.catalog.models import Price
from playground.lib.money import rounded
from playground.usage import limits
from playground.usage.models import EntryKind, LedgerEntry
from playground.usage.pricing import Prices, cost_of, load_prices, price_on
from playground.usage.rollups import add_up
from playground.usage.settling import settle
from playground.usage.spending import Spending

MOST_USAGE_CHARS = 4096  # of a usage payload; real ones have a few hundred
UNSTORABLE = re.compile(r"\\u(0000|d[89a-f]..)")  # NUL and halves of surrogate pairs, as JSON writes them
AUDIO = (("prompt_tokens_details", "audio_tokens"), ("completion_tokens_details", "audio_tokens"))


@transaction.atomic(savepoint=False)
def record(spendings: Sequence[Spending]) -> None:
    """One entry for each run that ended, the day's sums with them, and budgets: in the caller's transaction, which ends the runs, or one of its own.

    Six statements for any number of runs, four or five more where budgets apply. IntegrityError when one of them has an entry already.
    """
    prices = load_prices(one.model for one in spendings if one.model is not None)
    entries = [_entry(one, prices) for one in spendings]
    LedgerEntry.objects.bulk_create(entries)
    add_up(entries)
    settle(entries)
    if settings.TOKENS_PER_MINUTE:
        transaction.on_commit(partial(_count_answers, spendings), robust=True)


def _count_answers(spendings: Sequence[Spending]) -> None:
    """Prompts were counted when they were sent."""
    for one in spendings:
        limits.add_tokens(limits.person(one.owner), one.completion_tokens or 0)
        if one.key:
            limits.add_tokens(limits.key(one.key), one.completion_tokens or 0)


def _entry(spending: Spending, prices: Prices) -> LedgerEntry:
    price = price_on(spending.day, prices.get(spending.model or 0, ()))
    return LedgerEntry(
        kind=EntryKind.RUN,
        run=spending.run,
        ran_at=spending.ran_at,
        day=spending.day,
        owner_id=spending.owner,
        owner_name=spending.owner_name,
        source=spending.source,
        provider=spending.provider,
        model_name=spending.model_name,
        resolved_model=spending.resolved_model,
        key=spending.key,
        preset=spending.preset,
        status=spending.status,
        prompt_tokens=spending.prompt_tokens,
        cached_tokens=spending.cached_tokens,
        completion_tokens=spending.completion_tokens,
        reasoning_tokens=spending.detail("completion_tokens_details", "reasoning_tokens"),
        audio_tokens=_sum(spending.detail(*name) for name in AUDIO),
        image_tokens=spending.detail("prompt_tokens_details", "image_tokens"),
        usage=_storable(spending.usage),
        is_estimated=spending.is_estimated,
        price=price,
        input_price=price.input if price else None,
        cached_price=price.cached_input if price else None,
        output_price=price.output if price else None,
        amount=_amount(spending, price),
        first_token_ms=spending.first_token_ms,
        duration_ms=spending.duration_ms,
    )


def _amount(spending: Spending, price: Price | None) -> Decimal | None:
    if not spending.was_sent:
        return Decimal(0)
    if price is None:
        return None
    # As it is kept: or sums of unkept digits would differ from sums of entries.
    return rounded(
        cost_of(price, spending.prompt_tokens or 0, spending.cached_tokens or 0, spending.completion_tokens or 0)
    )


def _storable(usage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The payload as it came, unless it is too long to be one or holds what a database refuses."""
    if usage is None:
        return None
    try:
        written = json.dumps(usage, allow_nan=False)
    except ValueError:
        return None
    return dict(usage) if len(written) <= MOST_USAGE_CHARS and not UNSTORABLE.search(written) else None


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def amounts_of(runs: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What each of `runs` cost, corrections included; a run that is unpriced or goes on is not in it. One query, none for no runs."""
    wanted = list(runs)
    amounts: dict[UUID, Decimal] = {}
    if wanted:
        rows = LedgerEntry.objects.filter(run__in=wanted, amount__isnull=False)
        for run, amount in rows.order_by().values_list("run", "amount"):
            amounts[run] = amounts.get(run, Decimal(0)) + (amount or 0)
    return amounts
