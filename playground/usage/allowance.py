"""What somebody has left to spend, for pages. It moves while it is looked at; what may be sent is decided by `budgets.hold`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from playground.accounts.models import User
from playground.usage.budgets import find_pots, spent_by_ledger, wanted_pots
from playground.usage.models import Budget, BudgetPot


@dataclass(frozen=True, slots=True)
class Allowance:
    """One budget as it stands in its present window. US dollars."""

    budget: Budget
    spent: Decimal
    held: Decimal
    resets_on: datetime.date | None

    @property
    def limit(self) -> Decimal:
        limit: Decimal = self.budget.amount
        return limit

    @property
    def left(self) -> Decimal:
        """Never less than nothing."""
        return max(self.limit - self.spent - self.held, Decimal(0))

    @property
    def percent(self) -> int:
        """Spent or held, rounded down; 100 when there is nothing to spend."""
        return int(100 * (self.spent + self.held) / self.limit) if self.limit else 100

    @property
    def is_near(self) -> bool:
        """It is time to warn."""
        return self.percent >= self.budget.warn_percent

    @property
    def is_used_up(self) -> bool:
        return self.left == 0

    def is_short_of(self, amount: Decimal | None) -> bool:
        """Whether a run that may cost `amount` would be refused."""
        return self.budget.is_blocking and amount is not None and amount > 0 and self.left < amount


def allowances(owner: User, key: str = "") -> list[Allowance]:
    """Of every budget that applies: first those that warn, then by what is left.

    One query without budgets, two with some; one more for each that nobody has spent from yet.
    """
    budgets = Budget.objects.applying_to(owner, key)
    wanted = wanted_pots(budgets, owner.pk, timezone.now().date())
    if not wanted:
        return []
    pots = find_pots(wanted, owner.pk)
    found = []
    for place, budget in wanted.items():
        _budget, person, first = place
        window = budget.window_on(first)
        pot = pots.get(place) or BudgetPot(spent=spent_by_ledger(budget, person, window), held=Decimal(0))
        found.append(Allowance(budget, pot.spent, pot.held, window.until))
    return sorted(found, key=lambda one: (not one.is_near, not one.budget.is_blocking, one.left))
