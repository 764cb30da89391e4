"""Turning holds into what was really spent; giving back what was held for nothing; adding pots up anew from the ledger."""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from playground.accounts.models import User
from playground.lib import postgres
from playground.usage.budgets import POTS, spent_by_ledger
from playground.usage.models import BudgetPot, EntryKind, Hold, LedgerEntry, Scope
from playground.usage.windows import BEGINNING, Period, window_on

log = logging.getLogger(__name__)

ROWS_A_STATEMENT = 100
# A pot whose time is long over is made again if it is ever asked for.
KEEP_POTS = datetime.timedelta(days=100)

Target = tuple[str, Any, str, datetime.date]  # scope, whom it is about, period, first day


def settle(entries: Sequence[LedgerEntry]) -> None:
    """Spend the amounts of `entries` from every pot they belong to, and give back what was held for their runs.

    In the caller's transaction, which writes the entries, behind their daily sums. Also from pots that held nothing, because
    their budget was made meanwhile. A correction is an amount like any other. One query when no pot is touched, two on
    PostgreSQL; else three or four more for any number of entries.
    """
    if not entries:
        return
    postgres.hold_shared(POTS)
    runs = [entry.run for entry in entries if entry.kind == EntryKind.RUN]
    pots = {pot.pk: pot for pot in _lock(_touched_by(entries, runs))}
    if not pots:
        return
    holds = list(Hold.objects.filter(run__in=runs)) if runs else []
    for one in holds:
        pots[one.pot_id].held -= one.amount
    by_target = _by_target(pots.values())
    groups = _groups_of(entries) if any(pot.budget.scope == Scope.GROUP for pot in pots.values()) else {}
    for entry in entries:
        if entry.amount:
            for target in _targets(entry, groups):
                for pot in by_target.get(target, ()):
                    pot.spent += entry.amount
    BudgetPot.objects.bulk_update(pots.values(), ["spent", "held"], batch_size=ROWS_A_STATEMENT)
    Hold.objects.filter(pk__in=[one.pk for one in holds]).delete()


def _touched_by(entries: Sequence[LedgerEntry], runs: Sequence[UUID]) -> QuerySet[BudgetPot]:
    """The pots that `entries` are spent from, that hold something for `runs`, and that a message queued behind one may need."""
    owners, keys = {entry.owner_id for entry in entries}, {entry.key for entry in entries if entry.key}
    days = {entry.day for entry in entries} | {timezone.now().date()}
    whose = Q(budget__scope=Scope.ALL) | Q(budget__scope=Scope.EACH, person__in=owners)
    whose |= Q(budget__scope=Scope.PERSON, budget__person__in=owners)
    whose |= Q(budget__scope=Scope.GROUP, budget__group__in=Group.objects.filter(user__in=owners))
    if keys:
        whose |= Q(budget__scope=Scope.KEY, budget__key__in=keys)
    starts = {window_on(period, day).first for period in Period for day in days}
    holding = Q(pk__in=Hold.objects.filter(run__in=runs).values("pot"))
    return BudgetPot.objects.filter(Q(whose, starts_on__in=starts) | holding)


def _lock(rows: QuerySet[BudgetPot]) -> QuerySet[BudgetPot]:
    """`rows` as they are now, with their budgets, nobody else's until the transaction ends; in the one order."""
    return rows.select_related("budget").select_for_update(of=("self",)).order_by("pk")


def _by_target(pots: Iterable[BudgetPot]) -> dict[Target, list[BudgetPot]]:
    found: dict[Target, list[BudgetPot]] = defaultdict(list)
    for pot in pots:
        budget = pot.budget
        whom = {
            Scope.EACH: pot.person_id,
            Scope.PERSON: budget.person_id,
            Scope.GROUP: budget.group_id,
            Scope.KEY: budget.key,
        }.get(Scope(budget.scope))
        found[budget.scope, whom, budget.period, pot.starts_on].append(pot)
    return found


def _targets(entry: LedgerEntry, groups: dict[int, list[int]]) -> Iterator[Target]:
    owner = entry.owner_id
    whom: list[tuple[str, Any]] = [(Scope.ALL, None), (Scope.EACH, owner), (Scope.PERSON, owner)]
    whom += [(Scope.GROUP, group) for group in groups.get(owner or 0, ())]
    whom += [(Scope.KEY, entry.key)] if entry.key else []
    for period in Period:
        first = window_on(period, entry.day).first
        for scope, target in whom:
            yield scope, target, period, first


def _groups_of(entries: Sequence[LedgerEntry]) -> dict[int, list[int]]:
    """The groups that the owners are in. One query."""
    memberships = User.groups.through.objects.filter(user__in={entry.owner_id for entry in entries})
    groups: dict[int, list[int]] = defaultdict(list)
    for user, group in memberships.values_list("user_id", "group_id"):
        groups[user].append(group)
    return groups


# --- upkeep ---


def release(holds: QuerySet[Hold]) -> int:
    """Give back what `holds` hold, whose runs will not end any more. Returns how many. One query when there are none."""
    if not holds.exists():
        return 0
    with transaction.atomic():
        pots = {pot.pk: pot for pot in _lock(BudgetPot.objects.filter(pk__in=holds.values("pot")))}
        # Whoever takes a hold away has its pot locked, so these are ours.
        found = list(holds.filter(pot__in=pots))
        for one in found:
            pots[one.pot_id].held -= one.amount
        BudgetPot.objects.bulk_update(pots.values(), ["held"], batch_size=ROWS_A_STATEMENT)
        Hold.objects.filter(pk__in=[one.pk for one in found]).delete()
    return len(found)


def recount(pots: QuerySet[BudgetPot]) -> int:
    """Make `pots` say what ledger and holds say. Returns how many did not."""
    return sum(_recount(pk) for pk in pots.order_by("pk").values_list("pk", flat=True))


def _recount(pk: int) -> bool:
    with transaction.atomic():
        pot = _lock(BudgetPot.objects.filter(pk=pk)).first()
        if pot is None:
            return False
        spent = spent_by_ledger(pot.budget, pot.person_id, pot.window)
        held = pot.holds.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        if (pot.spent, pot.held) == (spent, held):
            return False
        log.warning("Budget %s said spent %s, held %s; it is %s, %s", pk, pot.spent, pot.held, spent, held)
        BudgetPot.objects.filter(pk=pk).update(spent=spent, held=held)
        return True


def tidy() -> int:
    """Remove pots whose time is long over, and recount the others. Returns how many were wrong."""
    today = timezone.now().date()
    ended = BudgetPot.objects.filter(starts_on__lt=today - KEEP_POTS).exclude(starts_on=BEGINNING)
    ended.filter(holds=None).delete()
    return recount(current(BudgetPot.objects.all()))


def current(pots: QuerySet[BudgetPot]) -> QuerySet[BudgetPot]:
    """Those of `pots` whose window it is today, or that hold something still."""
    today = timezone.now().date()
    now = Q()
    for period in Period:
        now |= Q(budget__period=period, starts_on=window_on(period, today).first)
    return pots.filter(now | ~Q(held=0))
