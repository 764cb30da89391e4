"""Budgets: what may be spent, by whom, in which time; and the counters that hold money for runs that are going on."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.lib.figures import dollars
from playground.lib.money import MoneyField
from playground.usage.windows import Period, Window, window_on

if TYPE_CHECKING:
    from playground.accounts.models import User


class Scope(models.TextChoices):
    PERSON = "person", _("one person")
    GROUP = "group", _("a group together")
    KEY = "key", _("an API key")
    EACH = "each", _("every person alone")
    ALL = "all", _("everybody together")


class BudgetQuerySet(models.QuerySet["Budget"]):
    def applying_to(self, owner: User, key: str = "") -> BudgetQuerySet:
        """The budgets that a run of `owner`, asked for with the API key labelled `key`, is paid from."""
        joined_on = owner.date_joined.astimezone(datetime.UTC).date()
        whose = Q(scope=Scope.ALL) | Q(scope=Scope.PERSON, person=owner)
        whose |= Q(scope=Scope.GROUP, group__in=owner.groups.all())
        whose |= Q(scope=Scope.EACH, joined_since=None) | Q(scope=Scope.EACH, joined_since__lte=joined_on)
        if key:
            whose |= Q(scope=Scope.KEY, key=key)
        return self.filter(whose, is_enabled=True).select_related("group").order_by("pk")


def _target(scope: Scope, *, person: bool = False, group: bool = False, key: bool = False) -> Q:
    has_key = ~Q(key="") if key else Q(key="")
    return Q(has_key, scope=scope, person__isnull=not person, group__isnull=not group)


class Budget(models.Model):
    """An amount that `scope` may spend in each window of `period`. Whom it is about and its period never change once it is made."""

    scope = models.CharField(_("for"), max_length=8, choices=Scope.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    key = models.CharField(_("label of the API key"), max_length=80, blank=True)  # as LedgerEntry.key
    amount = MoneyField(_("amount"), help_text=_("US dollars"))
    period = models.CharField(_("period"), max_length=8, choices=Period.choices, default=Period.MONTH)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text=_("percent")
    )
    is_blocking = models.BooleanField(
        _("blocks"), default=True, help_text=_("Off: people are warned, and nothing is refused.")
    )
    blocks_unpriced = models.BooleanField(
        _("blocks unpriced models"),
        default=False,
        help_text=_("What a model without a price costs is not known, so this budget does not count it."),
    )
    # Of `each` alone: with the period `total` it is a credit to try things out with.
    joined_since = models.DateField(
        _("joined since"), null=True, blank=True, help_text=_("Only for people who joined on this day or later.")
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=_target(Scope.PERSON, person=True)
                | _target(Scope.GROUP, group=True)
                | _target(Scope.KEY, key=True)
                | _target(Scope.EACH)
                | _target(Scope.ALL),
                name="usage_budget_names_whom",
                violation_error_message=_("Name the person, the group or the key that it is for, and nobody else."),
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.EACH) | Q(joined_since=None),
                name="usage_budget_joined_since_each",
                violation_error_message=_("“Joined since” is for budgets of every person alone."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="usage_budget_not_negative",
                violation_error_message=_("A budget is no less than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(warn_percent__range=(1, 100)),
                name="usage_budget_warns_at_a_share",
                violation_error_message=_("Warn at 1 to 100 percent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{dollars(self.amount)} {self.get_period_display()}, {self.whom}"

    @property
    def whom(self) -> str:
        """Whose money it is, in words."""
        named = {Scope.PERSON: self.person, Scope.GROUP: self.group, Scope.KEY: self.key}.get(Scope(self.scope))
        return str(named or self.get_scope_display())

    def window_on(self, day: datetime.date) -> Window:
        return window_on(self.period, day)


class BudgetPot(models.Model):
    """What one window of a budget has spent and holds. The ledger is the truth: a pot is added up from it when first needed."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="pots")
    # Whose pot it is when every person has one; None: the only one.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField()
    spent = MoneyField(default=0)  # by the ledger
    held = MoneyField(default=0)  # the sum of its holds

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "person", "starts_on"], name="usage_pot_once_a_person"),
            models.UniqueConstraint(
                fields=["budget", "starts_on"], condition=Q(person=None), name="usage_pot_once_for_all"
            ),
        ]
        indexes = [
            # What the end of a run asks: which pots does it touch?
            models.Index(fields=["starts_on", "person"], name="usage_pot_window"),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.person_id or ''} {self.starts_on}: {self.spent} + {self.held}"

    @property
    def left(self) -> Decimal:
        """Less than nothing when more was spent than the budget has."""
        left: Decimal = self.budget.amount - self.spent - self.held
        return left

    @property
    def percent(self) -> int:
        """Of the budget that is spent or held, rounded down; 100 when there is nothing to spend."""
        return int(100 * (self.spent + self.held) / self.budget.amount) if self.budget.amount else 100

    @property
    def window(self) -> Window:
        return self.budget.window_on(self.starts_on)


class Hold(models.Model):
    """What a run that is going on may cost at most, set aside in a pot."""

    # Not a reference: a run may be deleted before it ends, and its hold is then given back.
    run = models.UUIDField()
    pot = models.ForeignKey(BudgetPot, on_delete=models.CASCADE, related_name="holds")
    amount = MoneyField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "pot"], name="usage_hold_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.amount}"
