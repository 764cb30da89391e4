"""What runs of a period should have cost, looked at first and then written as corrections.

Both walk the ledger day by day in batches, so a year of a million runs takes no more memory than a day. Writing is resumable:
each batch is a transaction that compares with what stands in the ledger at that moment, so whatever was written before is
passed over, and doing it twice adds nothing.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from playground.catalog.models import Model, Price
from playground.lib.money import from_integer, to_integer
from playground.usage.models import DailyUsage, EntryKind, LedgerEntry, Repricing
from playground.usage.pricing import Prices, Rates, cost_of, load_prices, price_on
from playground.usage.rollups import add_up
from playground.usage.settling import settle

BATCH = 300  # entries of a transaction: a fraction of a second, so that answers can be saved in between
LARGEST = 10  # differences that a preview names
TRIES = 3  # of a batch that another re-pricing has got into
_COPIED = (
    *("run", "ran_at", "day", "owner_id", "owner_name", "source", "provider", "model_name", "resolved_model"),
    *("key", "preset", "status", "is_estimated"),
)


@dataclass(frozen=True, slots=True)
class NewRates:
    """Prices that an admin gives, in US dollars per 1,000,000 tokens."""

    input: Decimal
    cached_input: Decimal | None
    output: Decimal


@dataclass(frozen=True, slots=True)
class Scope:
    """Which runs: of a model or of all models of a provider, on days from the first to the last, with entries up to a key."""

    provider: str
    model_name: str  # the public name; empty: all
    first_day: datetime.date
    last_day: datetime.date
    up_to: int
    rates: NewRates | None = None  # None: as the price rows say of each day

    @classmethod
    def of(cls, row: Repricing) -> Scope:
        rates = None
        if row.input is not None and row.output is not None:
            rates = NewRates(row.input, row.cached_input, row.output)
        return cls(row.provider, row.model_name, row.first_day, row.last_day, row.up_to, rates)


class Standing(NamedTuple):
    """The last entry of a run's chain, and the amount that the chain adds up to. None: unpriced."""

    pk: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """One run whose amount is another one now. `before` None: it was unpriced."""

    entry: LedgerEntry
    corrects: int  # key of the run's entry, or of its last correction
    before: Decimal | None
    after: Decimal
    rates: Rates

    @property
    def difference(self) -> Decimal:
        return self.after - (self.before or Decimal(0))


@dataclass(slots=True)
class Sums:
    """Of one model."""

    model_name: str
    runs: int = 0  # that were sent, in the period
    changed: int = 0
    priced: int = 0  # of the changed ones: unpriced before
    unpriced: int = 0  # no price, now as before
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(slots=True)
class Preview:
    """What a re-pricing would do."""

    models: list[Sums] = field(default_factory=list)
    largest: list[Change] = field(default_factory=list)

    @property
    def total(self) -> Sums:
        total = Sums("")
        for one in self.models:
            for name in ("runs", "changed", "priced", "unpriced", "before", "after"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
        return total

    @property
    def mark(self) -> str:
        """What was looked at, so that nothing else is confirmed."""
        total = self.total
        return f"{total.runs}:{total.changed}:{total.priced}:{to_integer(total.before)}:{to_integer(total.after)}"


def last_entry() -> int:
    """The key of the newest entry; 0 in an empty ledger."""
    return LedgerEntry.objects.aggregate(last=Max("id"))["last"] or 0


def preview(scope: Scope) -> Preview:
    """Reads the ledger of the period, and writes nothing."""
    sums: dict[str, Sums] = {}
    largest: list[tuple[Decimal, int, Change]] = []
    prices = _prices(scope)
    for entries in _batches(scope):
        now = _standing(entries)
        for entry in entries:
            change = _compare(entry, now, scope, prices, sums)
            if change is not None:
                item = (abs(change.difference), -entry.pk, change)
                if len(largest) < LARGEST:
                    heapq.heappush(largest, item)
                else:
                    heapq.heappushpop(largest, item)
    found = [change for _size, _key, change in sorted(largest, reverse=True)]
    return Preview([sums[name] for name in sorted(sums)], found)


def carry_out(repricing: Repricing) -> None:
    """Write the corrections that are missing, batch by batch, and mark `repricing` as finished. Safe to call again."""
    repricing.refresh_from_db()
    scope = Scope.of(repricing)
    prices = _prices(scope)
    for entries in _batches(scope):
        for attempt in range(1, TRIES + 1):
            try:
                _correct(repricing.pk, entries, scope, prices)
            except IntegrityError:  # another re-pricing has corrected one of them meanwhile
                if attempt == TRIES:
                    raise
            else:
                break
    Repricing.objects.filter(pk=repricing.pk, finished_at=None).update(finished_at=timezone.now())
    repricing.refresh_from_db()


@transaction.atomic
def _correct(pk: int, entries: Sequence[LedgerEntry], scope: Scope, prices: dict[str, Sequence[Price]]) -> None:
    row = Repricing.objects.select_for_update().get(pk=pk)
    now = _standing(entries)
    compared = (_compare(entry, now, scope, prices, {}) for entry in entries)
    changes = [change for change in compared if change is not None]
    if not changes:
        return
    corrections = [_correction(change, row) for change in changes]
    LedgerEntry.objects.bulk_create(corrections)
    add_up(corrections)
    settle(corrections)
    row.corrected_runs += len(changes)
    row.priced_runs += sum(change.before is None for change in changes)
    row.difference += sum((change.difference for change in changes), Decimal(0))
    row.save(update_fields=["corrected_runs", "priced_runs", "difference"])


def _correction(change: Change, row: Repricing) -> LedgerEntry:
    """The difference as an entry of the same run and day. It holds no tokens: they are counted once."""
    rates = change.rates
    return LedgerEntry(
        kind=EntryKind.CORRECTION,
        # Its amount is all that adding up asks of it, and only whether there was one.
        corrects=LedgerEntry(pk=change.corrects, amount=change.before),
        amount=change.difference,
        price=rates if isinstance(rates, Price) else None,
        input_price=rates.input,
        cached_price=rates.cached_input,
        output_price=rates.output,
        reason=row.reason,
        made_by_name=row.made_by_name,
        **{name: getattr(change.entry, name) for name in _COPIED},
    )


def _compare(
    entry: LedgerEntry,
    standing: dict[UUID, Standing],
    scope: Scope,
    prices: dict[str, Sequence[Price]],
    sums: dict[str, Sums],
) -> Change | None:
    """What is to change about the run of `entry`; None when nothing. Counts it into the sums of its model."""
    if entry.prompt_tokens is None and entry.completion_tokens is None:
        return None  # it was never sent, and cost nothing whatever the price
    total = sums.setdefault(entry.model_name, Sums(entry.model_name))
    last = standing[entry.run]
    rates = scope.rates or price_on(entry.day, prices.get(entry.model_name, ()))
    total.runs += 1
    total.before += last.amount or 0
    if rates is None:  # no price is no reason to take an amount away
        total.unpriced += last.amount is None
        total.after += last.amount or 0
        return None
    exact = cost_of(rates, entry.prompt_tokens or 0, entry.cached_tokens or 0, entry.completion_tokens or 0)
    after = from_integer(to_integer(exact))
    total.after += after
    if after == last.amount:
        return None
    total.changed += 1
    total.priced += last.amount is None
    return Change(entry, last.pk, last.amount, after, rates)


def _batches(scope: Scope) -> Iterator[list[LedgerEntry]]:
    """The entries of runs in `scope`, day by day, in the order of their keys."""
    days = DailyUsage.objects.filter(provider=scope.provider, day__range=(scope.first_day, scope.last_day))
    if scope.model_name:
        days = days.filter(model_name=scope.model_name)
    for day in days.order_by("day").values_list("day", flat=True).distinct():
        # Within a day by key, through the index of both: each batch begins where the last one ended.
        rows = LedgerEntry.objects.filter(
            day=day, kind=EntryKind.RUN, provider=scope.provider, id__lte=scope.up_to
        ).order_by("id")
        if scope.model_name:
            rows = rows.filter(model_name=scope.model_name)
        rows = rows.defer("usage")
        last = 0
        while batch := list(rows.filter(id__gt=last)[:BATCH]):
            last = batch[-1].pk
            yield batch


def _standing(entries: Sequence[LedgerEntry]) -> dict[UUID, Standing]:
    """By run, the last entry of its chain, with the amount that stands now. One query."""
    standing = {entry.run: Standing(entry.pk, entry.amount) for entry in entries}
    corrections = LedgerEntry.objects.filter(kind=EntryKind.CORRECTION, run__in=list(standing)).order_by("id")
    for run, pk, amount in corrections.values_list("run", "id", "amount"):
        standing[run] = Standing(pk, (standing[run].amount or Decimal(0)) + (amount or Decimal(0)))
    return standing


def _prices(scope: Scope) -> dict[str, Sequence[Price]]:
    """Price rows by public name, newest first; none where prices are given. Two queries."""
    if scope.rates is not None:
        return {}
    models = Model.objects.filter(provider__slug=scope.provider)
    if scope.model_name:
        models = models.filter(name=scope.model_name.partition("/")[2])
    names = {pk: f"{scope.provider}/{name}" for pk, name in models.values_list("pk", "name")}
    rows: Prices = load_prices(names)
    return {names[pk]: prices for pk, prices in rows.items()}
