"""Sweeps: one prompt, or a table of inputs, under a grid of settings."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.chat.models import Conversation, Message
from playground.lib.money import MoneyField

if TYPE_CHECKING:
    from playground.accounts.models import User


class SweepState(models.TextChoices):
    DRAFT = "draft", _("Not started")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")


class SweepQuerySet(models.QuerySet["Sweep"]):
    def visible_to(self, user: User) -> SweepQuerySet:
        """The sweeps of `user` that are not deleted."""
        return self.filter(owner=user, deleted_at=None) if user.is_authenticated else self.none()


class Sweep(models.Model):
    """The plan and how far it is. Its answers are messages of one conversation: a question for each input, and its answers side by side."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sweeps")
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="sweep")
    title = models.CharField(max_length=200, blank=True)
    # {"model", "parameters", "preset", "variables", "text"}: what every cell has unless an axis says otherwise.
    base = models.JSONField(default=dict)
    # One or two of {"field", "values": [...]}: a parameter's name, "model" or "preset".
    axes = models.JSONField(default=list)
    inputs = models.JSONField(default=list, blank=True)  # rows of variables, [{name: text}]; empty: one prompt
    checks = models.JSONField(default=list, blank=True)  # [{"kind": "contains|equals|regex|json_schema", "value"}]
    repeats = models.PositiveIntegerField(default=1)
    concurrency = models.PositiveIntegerField(default=4)
    cap = MoneyField(null=True, blank=True)  # it pauses before it could cost more; None: no cap of its own
    state = models.CharField(max_length=8, choices=SweepState.choices, default=SweepState.DRAFT)
    reason = models.CharField(max_length=300, blank=True)  # why it is paused or stopped, when not by a person
    # The process that drives it renews the lease; another takes over when it has expired.
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SweepQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            # The list of one person's sweeps.
            models.Index(fields=["owner", "-updated_at"], name="compare_sweeps_of_owner", condition=Q(deleted_at=None)),
            # The look for those that go on.
            models.Index(fields=["lease_until"], name="compare_sweeps_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)


class Cell(models.Model):
    """One repeat of one setting for one input. It has no answer until its turn has come."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="cells")
    number = models.PositiveIntegerField()  # the order in which they run
    input = models.PositiveIntegerField(default=0)  # row of Sweep.inputs
    x = models.PositiveIntegerField(default=0)  # place on the first axis
    y = models.PositiveIntegerField(default=0)  # and on the second
    repeat = models.PositiveIntegerField(default=0)
    answer = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="cell")
    attempts = models.PositiveIntegerField(default=0)
    results = models.JSONField(default=list, blank=True)  # of the checks: true, false, or null when not judged

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sweep", "number"], name="compare_cell_number_once")]

    def __str__(self) -> str:
        return f"cell {self.uuid}"
