"""A run: one request to a model and its outcome."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.catalog.models import Model

if TYPE_CHECKING:
    from playground.accounts.models import User


class RunStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    STREAMING = "streaming", _("Answering")
    COMPLETED = "completed", _("Completed")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")
    INTERRUPTED = "interrupted", _("Interrupted")


ACTIVE = (RunStatus.QUEUED, RunStatus.STREAMING)


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: User) -> RunQuerySet:
        """The runs of `user`; nobody else's, whatever the role."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def active(self) -> RunQuerySet:
        return self.filter(status__in=ACTIVE)


class Run(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="runs")
    # Made by the page: the same id sent twice is one run and one bill.
    request_id = models.CharField(max_length=64)
    source = models.CharField(max_length=12)  # the face that started it, a key of runs.sources: "chat"
    model = models.ForeignKey(Model, on_delete=models.SET_NULL, null=True, related_name="runs")
    model_name = models.CharField(max_length=250)  # the public name asked for; outlives the row
    preset = models.CharField(max_length=200, blank=True, default="")  # "slug@number" that it was sent with
    status = models.CharField(max_length=12, choices=RunStatus.choices, default=RunStatus.QUEUED)

    # What was sent: the body without its messages, which the source rebuilds from its own immutable rows.
    request = models.JSONField(default=dict)
    # Where each field came from: {"set": {"temperature": "user"}, "left_out": ["seed", ...]}
    receipt = models.JSONField(default=dict)

    # What came back. `text` is whole once the run has ended; until then the pieces hold it.
    text = models.TextField(blank=True, default="")
    reasoning = models.TextField(blank=True, default="")
    response = models.JSONField(null=True, blank=True)  # the chat.completion object, assembled
    error = models.JSONField(null=True, blank=True)  # {message, type, param, code, status, advice}
    finish_reason = models.CharField(max_length=40, blank=True)
    resolved_model = models.CharField(max_length=250, blank=True)
    system_fingerprint = models.CharField(max_length=120, blank=True)
    prompt_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    cached_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    is_estimated = models.BooleanField(default=False)  # usage was not reported, so the tokens are counted by us

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)  # from sending to the first text
    duration_ms = models.PositiveIntegerField(null=True, blank=True)  # from sending to the end

    # The process that runs it renews the lease; whoever finds it expired marks the run interrupted.
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "request_id"], name="runs_run_request_once_per_owner"),
        ]
        indexes = [
            # The reaper's look for runs whose owner died, and the sidebar's for what is live.
            models.Index(
                fields=["status", "lease_until"], name="runs_active", condition=Q(status__in=["queued", "streaming"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.status}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


class RunPiece(models.Model):
    """Text that arrived since the last checkpoint. Deleted when the run ends and its text is whole."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="runs_piece_number_once")]

    def __str__(self) -> str:
        return f"{self.run_id}#{self.number}"
