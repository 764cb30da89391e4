"""What the ledger adds up to, a day: kept with each entry, in its transaction, so that it is always exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from playground.lib.money import MoneyField

if TYPE_CHECKING:
    from playground.accounts.models import User


class DailyUsageQuerySet(models.QuerySet["DailyUsage"]):
    def visible_to(self, user: User) -> DailyUsageQuerySet:
        """What `user` spent."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class DailyUsage(models.Model):
    """The runs of one UTC day that share owner, model, source, key and preset."""

    day = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    provider = models.CharField(max_length=60)
    model_name = models.CharField(max_length=250)
    source = models.CharField(max_length=12)
    key = models.CharField(max_length=80, blank=True)
    preset = models.CharField(max_length=200, blank=True)

    runs = models.PositiveIntegerField(default=0)
    failed_runs = models.PositiveIntegerField(default=0)
    stopped_runs = models.PositiveIntegerField(default=0)  # by a person
    interrupted_runs = models.PositiveIntegerField(default=0)
    estimated_runs = models.PositiveIntegerField(default=0)
    unpriced_runs = models.IntegerField(default=0)  # those that a correction priced taken off
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    cached_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    reasoning_tokens = models.PositiveBigIntegerField(default=0)
    duration_ms = models.PositiveBigIntegerField(default=0)
    amount = MoneyField(default=0)
    estimated_amount = MoneyField(default=0)  # the part of `amount` whose tokens were counted by us

    objects = DailyUsageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "owner", "model_name", "source", "key", "preset"], name="usage_daily_once"
            )
        ]
        indexes = [
            # One person's usage page, and the review's figures about one person.
            models.Index(fields=["owner", "day"], name="usage_daily_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.owner_id} {self.model_name} {self.source}: {self.amount}"


class DailyLatency(models.Model):
    """How long first tokens took on one UTC day: how many runs of a model and source fell into each bucket."""

    day = models.DateField()
    model_name = models.CharField(max_length=250)
    source = models.CharField(max_length=12)
    bucket = models.PositiveSmallIntegerField()  # see playground.usage.latency
    runs = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "model_name", "source", "bucket"], name="usage_latency_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model_name} {self.bucket}: {self.runs}"
