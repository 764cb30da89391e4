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
    request_id = models.CharField(max_length=64)  # made by the form: the same form sent twice is one sweep
    title = models.CharField(max_length=200, blank=True)
    # {"text", "model", "preset", "parameters", "variables"}: what every cell has unless an axis says otherwise.
    base = models.JSONField(default=dict)
    # None, one or two of {"field", "values": [...]}: a parameter's name, "model" or "preset".
    axes = models.JSONField(default=list, blank=True)
    inputs = models.JSONField(default=list, blank=True)  # rows of variables, [{name: text}]; empty: one prompt
    checks = models.JSONField(default=list, blank=True)  # [{"kind": "contains|equals|regex|json_schema", "value"}]
    repeats = models.PositiveIntegerField(default=1)
    concurrency = models.PositiveIntegerField(default=4)
    cap = MoneyField(null=True, blank=True)  # it pauses before it could cost more; None: no cap of its own
    state = models.CharField(max_length=8, choices=SweepState.choices, default=SweepState.RUNNING)
    # Why it is paused, or slow, when that is not a person's doing: {"message", "said"}, as runs keep errors.
    reason = models.JSONField(default=dict, blank=True)
    # Counts what the driver wrote: a square's is the one of its last change, so a page asks for what came after.
    revision = models.PositiveIntegerField(default=0)
    # Something is left to do: cells to run, running ones to wait for, figures to work out.
    is_driven = models.BooleanField(default=True)
    # The process that drives it renews the lease; another takes over when it has expired.
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SweepQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "request_id"], name="compare_sweep_request_once_per_owner"),
        ]
        indexes = [
            # The list of one person's sweeps.
            models.Index(fields=["owner", "-updated_at"], name="compare_sweeps_of_owner", condition=Q(deleted_at=None)),
            # The look for those that go on.
            models.Index(fields=["lease_until"], name="compare_sweeps_driven", condition=Q(is_driven=True)),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)

    @property
    def is_running(self) -> bool:
        return self.state == SweepState.RUNNING


class Square(models.Model):
    """One place of the grid: one input under one setting, with all its repeats."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="squares")
    number = models.PositiveIntegerField()  # within the sweep, from 0
    input = models.PositiveIntegerField(default=0)  # row of Sweep.inputs
    x = models.PositiveIntegerField(default=0)  # place on the first axis
    y = models.PositiveIntegerField(default=0)  # and on the second
    # The user message that its answers reply to: one for each input, and for each preset when those differ.
    question = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    figures = models.JSONField(default=dict, blank=True)  # what sweeps.figures makes of its repeats
    is_stale = models.BooleanField(default=True)  # a cell of it has changed since
    revision = models.PositiveIntegerField(default=0)  # of the sweep, when `figures` were written

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sweep", "number"], name="compare_square_number_once")]
        indexes = [
            # What the driver has to work out anew.
            models.Index(fields=["sweep"], name="compare_squares_stale", condition=Q(is_stale=True)),
        ]

    def __str__(self) -> str:
        return f"square {self.number} of {self.sweep_id}"


class CellState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Cell(models.Model):
    """One repeat of a square. It has no answer until its turn has come; its state is written with the state of its run."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="cells")
    square = models.ForeignKey(Square, on_delete=models.CASCADE, related_name="cells")
    number = models.PositiveIntegerField()  # within the sweep: the order in which they run
    repeat = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=CellState.choices, default=CellState.WAITING)
    # Of the last attempt; those before stay in the conversation, beside it.
    answer = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="cell")
    attempts = models.PositiveIntegerField(default=0)
    worst = MoneyField(null=True, blank=True)  # what the running attempt can cost at most; None: unpriced
    problem = models.CharField(max_length=500, blank=True)  # why it could not even be sent
    results = models.JSONField(default=list, blank=True)  # of the checks: true or false

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sweep", "number"], name="compare_cell_number_once")]
        indexes = [
            # The next ones to run, and how many there are of each state.
            models.Index(fields=["sweep", "state", "number"], name="compare_cells_by_state"),
        ]

    def __str__(self) -> str:
        return f"cell {self.number} of {self.sweep_id}"
