"""Budgets in the admin, and what became of them. Every field that may be written is named; counters are only read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from playground.lib.admin import AuditedAdmin
from playground.lib.figures import dollars
from playground.usage.models import Budget, BudgetPot, Scope
from playground.usage.settling import recount
from playground.usage.windows import Period, window_on

UNKNOWN = "-"  # where every person has a pot of their own


class BudgetAdmin(AuditedAdmin):
    actions = ["recount_pots"]
    list_display = ["whom", "limit", "period", "spent", "held", "left", "percent", "is_blocking", "is_enabled", "note"]
    list_filter = ["scope", "period", "is_blocking", "is_enabled"]
    list_select_related = ["person", "group"]
    search_fields = ["person__username", "group__name", "key", "note"]
    autocomplete_fields = ["person"]
    fieldsets = [
        (None, {"fields": ["scope", "person", "group", "key", "joined_since"]}),
        (_lazy("Limit"), {"fields": ["amount", "period", "warn_percent", "is_blocking", "blocks_unpriced"]}),
        (None, {"fields": ["is_enabled", "note"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        """With what the present windows have spent and hold, all people together."""
        today = timezone.now().date()
        now = Q()
        for period in Period:
            now |= Q(period=period, pots__starts_on=window_on(period, today).first)
        rows: QuerySet[Budget] = super().get_queryset(request)
        return rows.annotate(spent_now=Sum("pots__spent", filter=now), held_now=Sum("pots__held", filter=now))

    def get_readonly_fields(self, request: HttpRequest, obj: Budget | None = None) -> list[str]:
        """Its counters belong to whom it is for and to its period: for others, make another budget."""
        return ["scope", "person", "group", "key", "period"] if obj is not None else []

    @admin.display(description=_lazy("for"), ordering="scope")
    def whom(self, budget: Budget) -> str:
        return budget.whom

    @admin.display(description=_lazy("limit"), ordering="amount")
    def limit(self, budget: Budget) -> str:
        return dollars(budget.amount)

    @admin.display(description=_lazy("spent"), ordering="spent_now")
    def spent(self, budget: Any) -> str:
        return dollars(budget.spent_now or Decimal(0))

    @admin.display(description=_lazy("held"), ordering="held_now")
    def held(self, budget: Any) -> str:
        return dollars(budget.held_now or Decimal(0))

    @admin.display(description=_lazy("left"))
    def left(self, budget: Budget) -> str:
        used = _used(budget)
        return UNKNOWN if used is None else dollars(budget.amount - used)

    @admin.display(description=_lazy("percent"))
    def percent(self, budget: Budget) -> str:
        used = _used(budget)
        if used is None:
            return UNKNOWN
        return f"{int(100 * used / budget.amount) if budget.amount else 100} %"

    @admin.action(description=_lazy("Recount from the ledger"), permissions=["change"])
    def recount_pots(self, request: HttpRequest, queryset: QuerySet[Budget]) -> None:
        wrong = recount(BudgetPot.objects.filter(budget__in=queryset.values("pk")))
        text = ngettext("%(count)d counter was put right.", "%(count)d counters were put right.", wrong)
        messages.success(request, text % {"count": wrong})


def _used(budget: Any) -> Decimal | None:
    """What the one pot of `budget` has spent and holds; None where every person has one."""
    if budget.scope == Scope.EACH:
        return None
    return (budget.spent_now or Decimal(0)) + (budget.held_now or Decimal(0))


class BudgetPotAdmin(AuditedAdmin):
    """One line for each budget, person and window that something was spent in."""

    list_display = ["budget", "person", "starts_on", "spent_dollars", "held_dollars", "left_dollars", "percent_used"]
    list_filter = ["budget__scope", "budget__period", "starts_on"]
    list_select_related = ["budget__person", "budget__group", "person"]
    search_fields = ["person__username", "budget__note", "budget__key"]
    date_hierarchy = "starts_on"
    fields = ["budget", "person", "starts_on", "spent_dollars", "held_dollars", "left_dollars", "percent_used"]
    readonly_fields = ["budget", "person", "starts_on", "spent_dollars", "held_dollars", "left_dollars", "percent_used"]
    ordering = ["-starts_on", "budget", "person"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BudgetPot | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BudgetPot | None = None) -> bool:
        """Not by itself, which would lose what it holds; it goes with its budget."""
        match = request.resolver_match
        is_by_itself = match is not None and (match.url_name or "").startswith("usage_budgetpot")
        return not is_by_itself and super().has_delete_permission(request, obj)

    @admin.display(description=_lazy("spent"), ordering="spent")
    def spent_dollars(self, pot: BudgetPot) -> str:
        return dollars(pot.spent)

    @admin.display(description=_lazy("held"), ordering="held")
    def held_dollars(self, pot: BudgetPot) -> str:
        return dollars(pot.held)

    @admin.display(description=_lazy("left"))
    def left_dollars(self, pot: BudgetPot) -> str:
        return dollars(pot.left)

    @admin.display(description=_lazy("percent"))
    def percent_used(self, pot: BudgetPot) -> str:
        return f"{pot.percent} %"
