"""Conversations: trees of messages, with images and drafts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.images.models import Blob
from playground.presets.models import PresetVersion
from playground.runs.models import Run

if TYPE_CHECKING:
    from playground.accounts.models import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> ConversationQuerySet:
        """The conversations of `user` that are not deleted."""
        return self.filter(owner=user, deleted_at=None) if user.is_authenticated else self.none()

    def listed(self) -> ConversationQuerySet:
        """Those that stand by themselves: not the columns of a comparison, not the cells of a sweep."""
        return self.filter(face=Face.CHAT)


class Face(models.TextChoices):
    """Which face shows a conversation; its runs carry the same name as their source."""

    CHAT = "chat", _("Chat")
    COMPARE = "compare", _("Comparison")
    SWEEP = "sweep", _("Sweep")


class Conversation(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    face = models.CharField(max_length=12, choices=Face.choices, default=Face.CHAT)
    is_masked = models.BooleanField(default=False)  # it is not told who answers, nor what it takes: a blind comparison
    title = models.CharField(max_length=200, blank=True)
    is_pinned = models.BooleanField(default=False)
    # The end of the path that is shown; the path runs from here to the root.
    leaf = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # What the inspector shows when the conversation is opened again.
    model_name = models.CharField(max_length=250, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    preset = models.ForeignKey(PresetVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    variables = models.JSONField(default=dict, blank=True)  # the values that were filled in: {name: text}
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()  # the last message, not the last rename
    deleted_at = models.DateTimeField(null=True, blank=True)  # undo is possible until the purge
    # An admin read it, the last time then: its owner is told why on its page (playground.oversight).
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-is_pinned", "-updated_at"]
        indexes = [
            # The sidebar: one person's conversations, newest first.
            models.Index(
                fields=["owner", "-updated_at"], name="chat_conversation_sidebar", condition=Q(deleted_at=None)
            ),
            # The purge of deleted ones.
            models.Index(
                fields=["deleted_at"], name="chat_conversation_deleted", condition=Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.uuid)


class Role(models.TextChoices):
    USER = "user", _("You")
    ASSISTANT = "assistant", _("Assistant")


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> MessageQuerySet:
        """The messages in conversations of `user` that are not deleted."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(conversation__owner=user, conversation__deleted_at=None, deleted_at=None)

    def kept(self) -> MessageQuerySet:
        """Without the deleted ones that undo could still bring back."""
        return self.filter(deleted_at=None)


class Message(models.Model):
    """One node of the tree. Text, parent and images of a message never change once it is whole: an edit is a sibling."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField(blank=True, default="")
    reasoning = models.TextField(blank=True, default="")
    # An answer knows its run; a message written or edited by a person has none.
    run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="message")
    # The cut-off answer that this one continues: its text stands before the run's.
    continues = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_edited = models.BooleanField(default=False)
    # The id that the page made for the post or edit that wrote this message: the same id twice is one message.
    request_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - NULL is "none" to the constraint
    # A user message typed while an answer streamed: what to send once that has ended.
    # {"model", "parameters", "preset", "variables", "request_id", "is_held", "reason", "said"?}; see services/queue.py.
    queued = models.JSONField(null=True, blank=True)
    # Rendered Markdown, kept until the renderer's version moves on.
    html = models.TextField(blank=True, default="")
    html_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # A message is deleted with all below it, under one and the same time; undo is possible until the purge.
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "request_id"], name="chat_message_request_once"),
        ]
        indexes = [
            # The purge of deleted ones.
            models.Index(fields=["deleted_at"], name="chat_message_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.uuid}"


class Draft(models.Model):
    """What a person has typed and attached but not sent: one for each conversation, one for the next new chat."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    text = models.TextField(blank=True, default="")
    # The form beside the text, kept while a preset is chosen: {"model", "parameters", "preset", "variables"}, as typed.
    settings = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "conversation"], name="chat_draft_once_per_conversation"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(conversation=None), name="chat_draft_once_for_new_chat"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Detail(models.TextChoices):
    AUTO = "auto", _("Auto")
    LOW = "low", _("Low")
    HIGH = "high", _("High")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> AttachmentQuerySet:
        """The attachments of `user`."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class Attachment(models.Model):
    """An image on a draft or a message: uploaded (a blob) or named by URL (never fetched by us)."""

    kept_by = "owner"  # whose store it counts for
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments")
    url = models.URLField(max_length=2000, blank=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)  # the file's own name, cleaned; shown, never used as a path
    alt = models.CharField(max_length=500, blank=True)
    detail = models.CharField(max_length=4, choices=Detail.choices, default=Detail.AUTO)
    removed = models.JSONField(default=list, blank=True)  # what the intake cut out: "exif", "gps", "animation"
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(blob__isnull=False) ^ ~Q(url=""), name="chat_attachment_blob_or_url"),
            models.CheckConstraint(
                condition=Q(draft__isnull=True) | Q(message__isnull=True), name="chat_attachment_draft_or_message"
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.uuid}"
