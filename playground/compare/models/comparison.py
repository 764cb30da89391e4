"""Comparisons: one composer, several columns, each a conversation of its own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from playground.chat.models import Conversation, Message

if TYPE_CHECKING:
    from playground.accounts.models import User


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, user: User) -> ComparisonQuerySet:
        """The comparisons of `user` that are not deleted."""
        return self.filter(owner=user, deleted_at=None) if user.is_authenticated else self.none()


class Comparison(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comparisons")
    title = models.CharField(max_length=200, blank=True)
    # What is typed and attached for all columns is the draft of this conversation, which never has a message.
    composer = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="comparison")
    pinned_fields = models.JSONField(default=list, blank=True)  # names of the fields that are the same in all columns
    is_blind = models.BooleanField(default=False)  # headers hidden and columns shuffled until a verdict is given
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            # The list of one person's comparisons.
            models.Index(fields=["owner", "-updated_at"], name="compare_of_owner", condition=Q(deleted_at=None)),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)


class ColumnQuerySet(models.QuerySet["Column"]):
    def visible_to(self, user: User) -> ColumnQuerySet:
        """The columns of `user`'s comparisons, those that were taken off the screen too."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(comparison__owner=user, comparison__deleted_at=None)

    def shown(self) -> ColumnQuerySet:
        """Those on the screen."""
        return self.filter(is_removed=False)


class Column(models.Model):
    """Settings and a history: the conversation has model, parameters, preset and variables, and the messages."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="columns")
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="column")
    position = models.PositiveIntegerField(default=0)
    is_removed = models.BooleanField(default=False)  # taken off the screen; undo brings it back

    objects = ColumnQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"column {self.uuid}"


class Verdict(models.Model):
    """Which answer to one prompt was the best. Model and preset are written down: columns change."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="verdicts")
    turn = models.CharField(max_length=64)  # what the request ids of its questions begin with (compare.turns)
    winner = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_tie = models.BooleanField(default=False)
    was_blind = models.BooleanField(default=False)
    note = models.TextField(blank=True, default="", max_length=2000)
    # [{"message", "model", "preset", "won"}], as it was when the verdict was given; what tallies count.
    contenders = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["comparison", "turn"], name="compare_verdict_once_per_turn")]

    def __str__(self) -> str:
        return f"verdict {self.uuid}"
