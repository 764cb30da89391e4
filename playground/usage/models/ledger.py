"""The ledger: one entry for each run that ended, and entries that correct earlier ones. Nothing in it ever changes."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from playground.catalog.models import Price
from playground.lib.money import MoneyField

if TYPE_CHECKING:
    from playground.accounts.models import User


class EntryKind(models.TextChoices):
    RUN = "run", _("Run")
    CORRECTION = "correction", _("Correction")


class Immutable(Exception):
    """An entry is never changed or deleted; a new one corrects it."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def visible_to(self, user: User) -> LedgerQuerySet:
        """What `user` spent."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def with_corrections(self) -> LedgerQuerySet:
        """One entry for each run, with what corrections of it add up to as `corrected`."""
        corrections = LedgerEntry.objects.filter(run=OuterRef("run"), kind=EntryKind.CORRECTION, amount__isnull=False)
        sums = corrections.order_by().values("run").annotate(sum_amount=Sum("amount")).values("sum_amount")
        return self.filter(kind=EntryKind.RUN).annotate(sum_corrected=Subquery(sums))

    def unpriced(self) -> LedgerQuerySet:
        """Of those `with_corrections`: what nobody has put a price on."""
        return self.filter(amount=None, sum_corrected=None)  # type: ignore[misc]  # not a field

    def update(self, **kwargs: Any) -> int:
        raise Immutable

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable


class LedgerEntry(models.Model):
    """Figures and names, never what was written. It outlives the run, its owner and its model, so it refers to none of them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=EntryKind.choices, default=EntryKind.RUN)
    # Not a reference: the run goes with its conversation, the entry stays.
    run = models.UUIDField()
    ran_at = models.DateTimeField()  # when the run was asked for
    day = models.DateField()  # the UTC day of that, on which it is counted and whose price it has
    created_at = models.DateTimeField(auto_now_add=True)

    # Without a constraint in the database: deleting a person leaves the entries as they are.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    owner_name = models.CharField(max_length=150)
    source = models.CharField(max_length=12)  # the face that asked: "chat", "compare", "api", ...
    provider = models.CharField(max_length=60)  # its slug
    model_name = models.CharField(max_length=250)  # asked for: the public name, "provider/model"
    resolved_model = models.CharField(max_length=250, blank=True)  # what the server said it was
    key = models.CharField(max_length=80, blank=True)  # the shown part of the API key
    preset = models.CharField(max_length=200, blank=True)  # "slug@version"
    status = models.CharField(max_length=12)  # how the run ended

    # None: not known, or not given.
    prompt_tokens = models.PositiveBigIntegerField(null=True)
    cached_tokens = models.PositiveBigIntegerField(null=True)
    completion_tokens = models.PositiveBigIntegerField(null=True)
    reasoning_tokens = models.PositiveBigIntegerField(null=True)
    audio_tokens = models.PositiveBigIntegerField(null=True)
    image_tokens = models.PositiveBigIntegerField(null=True)
    usage = models.JSONField(null=True)  # as the server reported it
    is_estimated = models.BooleanField(default=False)  # the tokens were counted by us

    # The price of that day, and its figures as they were: US dollars per 1,000,000 tokens.
    price = models.ForeignKey(Price, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    input_price = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    cached_price = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    output_price = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    amount = MoneyField(null=True)  # None: unpriced, which is not free. Of a correction: the difference

    first_token_ms = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)

    # Of a correction only: the entry that is wrong, which is the run's, or the last correction of it.
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    reason = models.CharField(max_length=300, blank=True)
    made_by_name = models.CharField(max_length=150, blank=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        ordering = ["-ran_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["run"], condition=Q(kind="run"), name="usage_one_entry_a_run"),
            # Corrections form a chain, so nothing is corrected twice, whoever tries at the same moment.
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(kind="correction"), name="usage_entry_corrected_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="run", corrects=None) | Q(kind="correction", corrects__isnull=False),
                name="usage_correction_corrects",
            ),
        ]
        indexes = [
            # What a page of messages asks: what did these runs cost?
            models.Index(fields=["run"], name="usage_entry_run"),
            # A person's list of runs, newest first, and their figures of some days.
            models.Index(fields=["owner", "-ran_at"], name="usage_entry_owner"),
            # The list of all runs, statements and exports of a period.
            models.Index(fields=["day", "id"], name="usage_entry_day"),
            # Re-pricing a model's period.
            models.Index(fields=["model_name", "day"], name="usage_entry_model"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.run} {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable

    @property
    def corrected(self) -> Decimal | None:
        """What corrections of the run add up to; None: there is none. Of entries read `with_corrections`."""
        added: Decimal | None = vars(self)["sum_corrected"]
        return added

    @property
    def cost(self) -> Decimal | None:
        """What the run costs with all corrections; None: unpriced. Of entries read `with_corrections`."""
        amount: Decimal | None = self.amount
        return self.corrected if amount is None else amount + (self.corrected or 0)
