"""What is left of the budgets that pay for somebody's runs, as the usage page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from playground.lib.figures import dollars
from playground.usage.allowance import Allowance, allowances
from playground.usage.budget_wording import budget_name, reset_text

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class BudgetCard:
    name: str
    left: Decimal
    limit: Decimal
    width: str  # of what is used, with a percent sign
    tone: str  # "good", "warn", "bad"
    note: str


def budget_cards(user: User) -> list[BudgetCard]:
    """Those near their end first. The queries of `allowances`."""
    return [_card(one) for one in allowances(user)]


def _card(allowance: Allowance) -> BudgetCard:
    tone = "bad" if allowance.is_used_up and allowance.budget.is_blocking else "warn" if allowance.is_near else "good"
    return BudgetCard(
        name=budget_name(allowance.budget),
        left=allowance.left,
        limit=allowance.limit,
        width=f"{min(max(allowance.percent, 0), 100)}%",
        tone=tone,
        note=_note(allowance),
    )


def _note(allowance: Allowance) -> str:
    facts = {"spent": dollars(max(allowance.spent, Decimal(0))), "held": dollars(allowance.held)}
    spent = _("%(spent)s spent, %(held)s held for answers on their way.") if allowance.held else _("%(spent)s spent.")
    notes = [spent % facts]
    if allowance.resets_on is not None or allowance.is_used_up:
        notes.append(reset_text(allowance.resets_on))
    if not allowance.budget.is_blocking:
        notes.append(_("It warns and stops nothing."))
    return " ".join(notes)
