"""What a month cost, by provider and model, and whether a provider's invoice says the same."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from playground.review.invoice import Invoice
from playground.review.invoice_columns import FIGURES
from playground.usage.models import DailyUsage, EntryKind, LedgerEntry

CENT = Decimal("0.01")
SUMS = (
    "runs", "estimated_runs", "unpriced_runs", "prompt_tokens", "cached_tokens", "completion_tokens", "amount",
    "estimated_amount",
)  # fmt: skip
# A snapshot's date at the end of its name: "gpt-4.1-2025-04-14", "claude-sonnet-4-20250514".
_SNAPSHOT = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One model's month. `amount` is what is priced of it; `unpriced_runs` may have cost more."""

    provider: str
    model_name: str
    runs: int
    estimated_runs: int
    unpriced_runs: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    amount: Decimal
    estimated_amount: Decimal


def last_day(month: datetime.date) -> datetime.date:
    """Of the month that begins on `month`."""
    return (month + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def statement(month: datetime.date) -> list[StatementRow]:
    """By provider, and by model within. `month` is its first day. One query."""
    found = DailyUsage.objects.filter(day__range=(month, last_day(month))).order_by("provider", "model_name")
    sums = {f"sum_{name}": Sum(name) for name in SUMS}
    rows = found.values("provider", "model_name").annotate(**sums).values_list("provider", "model_name", *sums)
    return [StatementRow(*row) for row in rows]


def sum_of(rows: Sequence[StatementRow]) -> StatementRow:
    """All of them in one row without names."""
    sums: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in SUMS}
    return StatementRow("", "", **sums)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, ours and theirs; None on their side when the invoice does not have it."""

    name: str
    ours: int | Decimal
    theirs: int | Decimal | None

    @property
    def difference(self) -> int | Decimal | None:
        """What they say above what we say; money to the cent."""
        if self.theirs is None:
            return None
        difference = self.theirs - self.ours
        return difference.quantize(CENT) + 0 if isinstance(difference, Decimal) else difference  # no -0.00


@dataclass(frozen=True, slots=True)
class Compared:
    """Models that are the same on both sides, as far as names tell; on one side there may be none."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    figures: tuple[Figure, ...]
    unpriced_runs: int = 0
    estimated_amount: Decimal = Decimal(0)

    @property
    def is_same(self) -> bool:
        return bool(self.ours and self.theirs) and not any(figure.difference for figure in self.figures)


def resolved_names(month: datetime.date, provider: str) -> dict[str, set[str]]:
    """What the provider's server called each of our models that month. One query."""
    seen = LedgerEntry.objects.filter(
        day__range=(month, last_day(month)), provider=provider, kind=EntryKind.RUN
    ).order_by()
    names: dict[str, set[str]] = {}
    for model, resolved in seen.values_list("model_name", "resolved_model").distinct():
        names.setdefault(model, set()).add(resolved)
    return names


def compare(rows: Sequence[StatementRow], resolved: Mapping[str, Iterable[str]], invoice: Invoice) -> list[Compared]:
    """Every model of `rows` and of `invoice` once: what differs first, the largest amounts first, then what is the same."""
    mine = {row.model_name: row for row in rows}
    pairs = _same_models(mine, resolved, invoice.models)
    found = [_compared([mine[name] for name in ours], theirs, invoice) for ours, theirs in pairs]
    return sorted(found, key=lambda one: (one.is_same, -_weight(one), one.ours, one.theirs))


def total(rows: Sequence[StatementRow], invoice: Invoice) -> Compared:
    """Everything on both sides."""
    return _compared(rows, list(invoice.models), invoice)


def _compared(rows: Sequence[StatementRow], theirs: Sequence[str], invoice: Invoice) -> Compared:
    billed = [invoice.models[name] for name in theirs]
    zeros: dict[str, int | Decimal] = {"amount": Decimal(0)}
    return Compared(
        ours=tuple(row.model_name for row in rows),
        theirs=tuple(theirs),
        figures=tuple(
            Figure(
                name,
                sum((getattr(row, name) for row in rows), zeros.get(name, 0)),
                # What the invoice does not name was not billed, and neither was an empty cell.
                sum((getattr(one, name) or 0 for one in billed), zeros.get(name, 0)),
            )
            for name in FIGURES
            if name in invoice.columns
        ),
        unpriced_runs=sum(row.unpriced_runs for row in rows),
        estimated_amount=sum((row.estimated_amount for row in rows), Decimal(0)),
    )


def _weight(one: Compared) -> Decimal:
    """How far the two sides are apart, in dollars; 0 where the invoice has tokens alone."""
    differences = (figure.difference for figure in one.figures if figure.name == "amount")
    return max((abs(Decimal(difference or 0)) for difference in differences), default=Decimal(0))


def _same_models(
    ours: Iterable[str], resolved: Mapping[str, Iterable[str]], theirs: Iterable[str]
) -> list[tuple[list[str], list[str]]]:
    """Names that mean the same, grouped. Two of ours that one of theirs stands for are one group."""
    groups: list[tuple[list[str], list[str]]] = [([name], []) for name in ours]
    names = {name: _names_of(name, resolved.get(name, ())) for name in ours}
    for their in theirs:
        wanted = their.lower()
        meant = {name for name, known in names.items() if wanted in known}
        meant = meant or {name for name, known in names.items() if _undated(wanted) in map(_undated, known)}
        joined = [group for group in groups if meant & set(group[0])]
        groups = [group for group in groups if group not in joined]
        groups.append(
            (
                sorted(name for group in joined for name in group[0]),
                sorted([their, *(name for group in joined for name in group[1])]),
            )
        )
    return groups


def _names_of(model_name: str, resolved: Iterable[str]) -> set[str]:
    """Ours with and without the provider, and what the server called it."""
    return {name.lower() for name in (model_name, model_name.partition("/")[2], *resolved) if name}


def _undated(name: str) -> str:
    return _SNAPSHOT.sub("", name)
