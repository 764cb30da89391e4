"""What people read about budgets."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from playground.lib.figures import dollars
from playground.usage.allowance import Allowance
from playground.usage.budgets import BudgetExceeded, BudgetRefused
from playground.usage.models import Budget, Scope
from playground.usage.windows import Period


@dataclass(frozen=True, slots=True)
class ShownBudget:
    """What is left to spend, as a sentence; `tone` is "", "warn", or "bad" when the next message would be refused."""

    text: str
    tone: str


def refusal_text(refused: BudgetRefused) -> str:
    """Why nothing was sent: the limit, what of it is spent, and when it starts anew."""
    if not isinstance(refused, BudgetExceeded):
        return _("%(budget)s pays only for models whose price is known. Choose another model.") % {
            "budget": budget_name(refused.budget)
        }
    spent = max(refused.spent, Decimal(0))
    facts = {
        "budget": budget_name(refused.budget),
        "limit": dollars(refused.limit),
        "spent": dollars(spent),
        "held": dollars(refused.held),
        "needed": dollars(refused.needed),
    }
    if refused.held:
        text = _("%(budget)s is %(limit)s: %(spent)s is spent and %(held)s is held for answers on their way.")
    else:
        text = _("%(budget)s is %(limit)s: %(spent)s is spent.")
    if spent + refused.held < refused.limit:
        text = (
            f"{text} {_('This may cost up to %(needed)s: a lower “Max completion tokens” or another model may fit.')}"
        )
    return f"{text % facts} {reset_text(refused.window.until)}"


def reset_text(until: datetime.date | None) -> str:
    """When there is money again."""
    if until is None:
        return _("An admin can raise it.")
    return _("The budget starts anew on %(day)s, 00:00 UTC.") % {"day": date_format(until)}


def budget_name(budget: Budget) -> str:
    """Whose budget, and of which time: the beginning of a sentence."""
    names = {
        (Scope.ALL, Period.DAY): _("The server's budget for today"),
        (Scope.ALL, Period.MONTH): _("The server's budget for this month"),
        (Scope.ALL, Period.TOTAL): _("The server's budget"),
        (Scope.GROUP, Period.DAY): _("The budget of %(group)s for today"),
        (Scope.GROUP, Period.MONTH): _("The budget of %(group)s for this month"),
        (Scope.GROUP, Period.TOTAL): _("The budget of %(group)s"),
        (Scope.KEY, Period.DAY): _("This API key's budget for today"),
        (Scope.KEY, Period.MONTH): _("This API key's budget for this month"),
        (Scope.KEY, Period.TOTAL): _("This API key's budget"),
    }
    mine = {
        Period.DAY: _("Your budget for today"),
        Period.MONTH: _("Your budget for this month"),
        Period.TOTAL: _("Your budget"),
    }
    period = Period(budget.period)
    name = names.get((Scope(budget.scope), period), mine[period])
    return name % {"group": budget.group} if budget.scope == Scope.GROUP else name


def show_budget(allowances: Sequence[Allowance], cost: Decimal | None = None) -> ShownBudget | None:
    """The one of `allowances` that matters most to whoever would now send something that may cost `cost`."""
    if short := next((one for one in allowances if one.is_short_of(cost)), None):
        return ShownBudget(_short_text(short, cost), "bad")
    if not allowances:
        return None
    first = allowances[0]
    if not first.is_near:
        return ShownBudget(_left_text(first), "")
    if first.is_used_up:
        return ShownBudget(_used_up_text(first), "bad" if first.budget.is_blocking else "warn")
    share = _("%(percent)s%% of %(limit)s is used.") % {"percent": first.percent, "limit": dollars(first.limit)}
    return ShownBudget(f"{share} {_left_text(first)}", "warn")


def _left_text(allowance: Allowance) -> str:
    texts = {
        Period.DAY: _("%(left)s left today"),
        Period.MONTH: _("%(left)s left this month"),
        Period.TOTAL: _("%(left)s left"),
    }
    return texts[Period(allowance.budget.period)] % {"left": dollars(allowance.left)}


def _short_text(allowance: Allowance, cost: Decimal | None) -> str:
    if allowance.is_used_up:
        return _used_up_text(allowance)
    texts = {
        Period.DAY: _("This may cost up to %(cost)s; %(left)s is left today."),
        Period.MONTH: _("This may cost up to %(cost)s; %(left)s is left this month."),
        Period.TOTAL: _("This may cost up to %(cost)s; %(left)s is left."),
    }
    return texts[Period(allowance.budget.period)] % {"cost": dollars(cost), "left": dollars(allowance.left)}


def _used_up_text(allowance: Allowance) -> str:
    used_up = _("%(budget)s is used up: %(limit)s.") % {
        "budget": budget_name(allowance.budget),
        "limit": dollars(allowance.limit),
    }
    return f"{used_up} {reset_text(allowance.resets_on)}"
