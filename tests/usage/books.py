"""Whether runs, ledger and daily sums say the same."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal
from typing import Any

from playground.runs.models import ACTIVE, Run
from playground.usage.budgets import spent_by_ledger
from playground.usage.models import BudgetPot, DailyLatency, DailyUsage, EntryKind, Hold, LedgerEntry
from playground.usage.rollups import rebuild

EVER = (datetime.date.min, datetime.date.max)


def assert_every_ended_run_has_one_entry() -> None:
    """And none that goes on has one."""
    entries = Counter(LedgerEntry.objects.filter(kind=EntryKind.RUN).values_list("run", flat=True))
    ended = set(Run.objects.exclude(status__in=ACTIVE).values_list("uuid", flat=True))
    active = set(Run.objects.filter(status__in=ACTIVE).values_list("uuid", flat=True))
    assert not active & set(entries)
    assert ended <= set(entries)
    assert all(count == 1 for count in entries.values())


def assert_sums_are_exact() -> None:
    """The daily sums are what adding up the whole ledger gives."""
    kept = _sums()
    rebuild(*EVER)
    assert kept == _sums()


def _sums() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    usage = [
        {**row, "id": 0} for row in DailyUsage.objects.order_by("day", "owner_id", "model_name", "source").values()
    ]
    latency = [
        {**row, "id": 0} for row in DailyLatency.objects.order_by("day", "model_name", "source", "bucket").values()
    ]

    def key(row: dict[str, Any]) -> str:
        return repr(sorted(row.items(), key=lambda item: item[0]))

    return sorted(usage, key=key), sorted(latency, key=key)


def assert_pots_are_exact() -> None:
    """Every pot says what ledger and holds say, and only runs that go on hold anything."""
    for pot in BudgetPot.objects.select_related("budget"):
        assert pot.spent == spent_by_ledger(pot.budget, pot.person_id, pot.window), pot
        assert pot.held == sum((hold.amount for hold in pot.holds.all()), Decimal(0)), pot
    active = set(Run.objects.filter(status__in=ACTIVE).values_list("uuid", flat=True))
    assert set(Hold.objects.values_list("run", flat=True)) <= active
