"""What admins may see of what people wrote: nothing, but for what was opened with a reason or reported by its owner."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.chat.models import Conversation, Message

if TYPE_CHECKING:
    from playground.accounts.models import User

OPEN_FOR = datetime.timedelta(hours=1)


class ConversationFigures(Conversation):
    """A conversation as the admin lists it: whose, when, how much. Never its title or a word of it."""

    class Meta:
        proxy = True
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return str(self.uuid)


class OpeningQuerySet(models.QuerySet["Opening"]):
    def usable_by(self, user: User) -> OpeningQuerySet:
        """What `user` opened within the hour, and its owner has not deleted."""
        recent = timezone.now() - OPEN_FOR
        return self.filter(admin=user, created_at__gt=recent, conversation__deleted_at=None)


class Opening(models.Model):
    """An admin opened a conversation, to read it for an hour. Its owner is told, and the audit log has it for good."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="openings")
    admin = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return str(self.uuid)


class ReportState(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ReportQuerySet(models.QuerySet["Report"]):
    def made_by(self, user: User) -> ReportQuerySet:
        return self.filter(reporter=user) if user.is_authenticated else self.none()


class Report(models.Model):
    """Somebody asked admins to look at one of their answers: that answer and its question may be read with it, and nothing else.

    When the owner deletes the answer, or withdraws the report, nobody reads it here any more.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports", verbose_name=_("reported by")
    )
    note = models.TextField(_("note"), max_length=2000)
    state = models.CharField(_("state"), max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    answer = models.TextField(_("what came of it"), max_length=2000, blank=True)  # the reporter reads it
    created_at = models.DateTimeField(_("reported at"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=Q(state="open"), name="oversight_one_open_report_a_message"
            ),
        ]
        indexes = [
            # The admin's list: what is open, newest first.
            models.Index(fields=["state", "-created_at"], name="oversight_report_state"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
