"""Money is set aside before a run is sent, so that no number of runs at the same time spends more than a budget has.

    claim()    before the transaction: which budgets pay, and what the run costs at most
    hold()     in the transaction that creates the run: sets that aside, or refuses and leaves no trace
    settle()   in the transaction that ends it: the hold goes, the real amount is spent (settling.py)

What is refused is raised, as one tree:

BudgetRefused
├── BudgetExceeded     a budget lacks what the run may cost
└── UnpricedRefused    nobody knows what it costs, and a budget allows only what is known
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q, Sum, Value
from django.db.models.expressions import Combinable

from playground.accounts.models import User
from playground.lib import postgres
from playground.lib.money import MoneyField
from playground.usage.models import Budget, BudgetPot, DailyUsage, Hold, Scope
from playground.usage.windows import Window, database_now

# Whoever makes a pot holds this alone, and whoever settles holds it with others: what is added up meanwhile misses nothing.
POTS = "usage: pots"

PotKey = tuple[int, int | None, datetime.date]  # budget, person, first day


class BudgetRefused(Exception):
    """Base of the tree. `budget` is the one that refuses."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(f"budget {budget.pk}")
        self.budget = budget


class BudgetExceeded(BudgetRefused):
    """`needed` is more than the limit leaves after what is `spent` and `held`, until `window` is over."""

    def __init__(self, pot: BudgetPot, needed: Decimal) -> None:
        super().__init__(pot.budget)
        self.limit = pot.budget.amount
        self.spent = pot.spent
        self.held = pot.held
        self.needed = needed
        self.window: Window = pot.window


class UnpricedRefused(BudgetRefused):
    pass


@dataclass(frozen=True, slots=True)
class Claim:
    """What a run of `owner` takes out of `budgets` at most. `worst` is None when its model has no price."""

    owner: int
    budgets: tuple[Budget, ...]
    worst: Decimal | None


def claim(*, owner: User, worst_case: Callable[[], Decimal | None], key: str = "") -> Claim:
    """What to hold for a run. One query; `worst_case`, which may take its time, is called only when some budget applies.

    So make it before the transaction, which holds up other writers.
    """
    budgets = tuple(Budget.objects.applying_to(owner, key))
    return Claim(owner.pk, budgets, worst_case() if budgets else None)


def hold(claim: Claim, *, run: UUID) -> datetime.datetime | None:
    """Set the worst case of `run` aside in every pot that pays for it, in the caller's transaction. Raises BudgetRefused.

    Returns the moment, by the database, whose windows it is taken from; None when nothing is held. When it raises, roll back to
    before the call: some pots may have given already. Pots are taken in one order everywhere, so that transactions queue up
    and do not lock up. No query without a budget; with some, three and one for each pot.
    """
    if not claim.budgets:
        return None
    if claim.worst is None:
        _refuse_unpriced(claim.budgets)
        return None
    if not claim.worst:
        return None
    now = database_now()
    pots = pots_for(claim.budgets, claim.owner, now.date())
    taken = [pot for pot in pots if _take(pot, claim.worst)]
    Hold.objects.bulk_create(Hold(run=run, pot=pot, amount=claim.worst) for pot in taken)
    return now


def _refuse_unpriced(budgets: Iterable[Budget]) -> None:
    for budget in budgets:
        if budget.blocks_unpriced:
            raise UnpricedRefused(budget)


def _take(pot: BudgetPot, amount: Decimal) -> bool:
    """Hold `amount` if it fits: looking and taking are one statement. False when the budget has just been deleted."""
    rows = BudgetPot.objects.filter(pk=pot.pk)
    fitting = rows
    if pot.budget.is_blocking:
        fitting = rows.filter(spent__lte=_money(pot.budget.amount - amount) - F("held"))
    if fitting.update(held=F("held") + _money(amount)):
        return True
    now = rows.first()
    if now is None:
        return False
    now.budget = pot.budget
    raise BudgetExceeded(now, amount)


def _money(amount: Decimal) -> Combinable:
    return Value(amount, output_field=MoneyField())


# --- pots ---


def pots_for(budgets: Iterable[Budget], owner: int, day: datetime.date) -> list[BudgetPot]:
    """The pots that `owner` spends from on `day`, made where they are missing, in the order of their keys. In a transaction."""
    wanted = wanted_pots(budgets, owner, day)
    found = find_pots(wanted, owner)
    if len(found) < len(wanted):
        postgres.hold(POTS)
        missing = {key: budget for key, budget in wanted.items() if key not in found}
        # Somebody may have made them while we waited.
        BudgetPot.objects.bulk_create((_new_pot(*one) for one in missing.items()), ignore_conflicts=True)
        found = find_pots(wanted, owner)
    return sorted(found.values(), key=lambda pot: pot.pk)


def wanted_pots(budgets: Iterable[Budget], owner: int, day: datetime.date) -> dict[PotKey, Budget]:
    """Which pots `owner` spends from on `day`."""
    return {
        (budget.pk, owner if budget.scope == Scope.EACH else None, budget.window_on(day).first): budget
        for budget in budgets
    }


def find_pots(wanted: Mapping[PotKey, Budget], owner: int) -> dict[PotKey, BudgetPot]:
    """Those of `wanted` that are there, their budgets loaded. One query."""
    rows = BudgetPot.objects.filter(
        Q(person=owner) | Q(person=None),
        budget__in=[budget for budget, _person, _first in wanted],
        starts_on__in={first for _budget, _person, first in wanted},
    )
    found = {}
    for pot in rows:
        key = (pot.budget_id, pot.person_id, pot.starts_on)
        if key in wanted:
            pot.budget = wanted[key]
            found[key] = pot
    return found


def _new_pot(key: PotKey, budget: Budget) -> BudgetPot:
    _budget, person, first = key
    return BudgetPot(
        budget=budget, person_id=person, starts_on=first, spent=spent_by_ledger(budget, person, budget.window_on(first))
    )


def spent_by_ledger(budget: Budget, person: int | None, window: Window) -> Decimal:
    """What the ledger says that `budget`, or the pot of `person` in it, has spent in `window`. One query.

    Of a group: what those spent who are in it now.
    """
    rows = DailyUsage.objects.filter(day__gte=window.first)
    if window.until is not None:
        rows = rows.filter(day__lt=window.until)
    match budget.scope:
        case Scope.EACH:
            rows = rows.filter(owner=person)
        case Scope.PERSON:
            rows = rows.filter(owner=budget.person_id)
        case Scope.GROUP:
            rows = rows.filter(owner__in=User.objects.filter(groups=budget.group_id))
        case Scope.KEY:
            rows = rows.filter(key=budget.key)
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
