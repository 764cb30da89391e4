"""Links to frozen snapshots: of a conversation, an answer, a preset, a comparison or a sweep."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.chat.models import Conversation, Message
from playground.compare.models import Comparison, Sweep
from playground.images.models import Blob
from playground.lib.error_pages import is_busy
from playground.lib.fields import EncryptedTextField
from playground.presets.models import Preset

if TYPE_CHECKING:
    from playground.accounts.models import User


class Kind(models.TextChoices):
    CONVERSATION = "conversation", _("Conversation")
    ANSWER = "answer", _("Answer")
    PRESET = "preset", _("Preset")
    COMPARISON = "comparison", _("Comparison")
    SWEEP = "sweep", _("Sweep")


class Part(models.TextChoices):
    """What an owner may put into a snapshot or leave out of it."""

    QUESTION = "question", _("The question before it")
    SYSTEM_PROMPT = "system_prompt", _("System prompt")
    IMAGES = "images", _("Images")
    RECEIPTS = "receipts", _("Receipts: settings, tokens, times and cost")
    THINKING = "thinking", _("What the model thought before it answered")


class Audience(models.TextChoices):
    PUBLIC = "public", _("Whoever has the link")
    SIGNED_IN = "signed_in", _("People with an account here who have the link")


class ShareQuerySet(models.QuerySet["Share"]):
    def owned_by(self, user: User) -> ShareQuerySet:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def live(self) -> ShareQuerySet:
        """Those that open for somebody: neither revoked nor expired, and their owner may be here."""
        now = timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, owner__is_active=True)

    def light(self) -> ShareQuerySet:
        """Without what may be megabytes, and without the secret."""
        return self.defer("snapshot", "html", "token")


class Share(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares", verbose_name=_("owner")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=200)
    shown_as = models.CharField(max_length=60, blank=True)  # who shared it, in the owner's own words; "": not said
    # The hash finds the link; the text is for its owner alone, who may want to copy it again.
    token_hash = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()

    # What the snapshot was taken of, so that it can be moved. The snapshot outlives it.
    conversation = models.ForeignKey(Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    preset = models.ForeignKey(Preset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    sweep = models.ForeignKey(Sweep, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    parts = models.JSONField(default=list, blank=True)  # of Part, those that were put in
    snapshot = models.JSONField()  # see playground.shares.snapshots.values
    # Rendered Markdown of the snapshot's texts, kept until the renderer's version moves on.
    html = models.JSONField(default=list, blank=True)
    html_version = models.PositiveIntegerField(default=0)

    audience = models.CharField(_("for whom"), max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    passphrase = models.CharField(max_length=200, blank=True)  # as Django's hashers write it; "": none is asked for
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    view_count = models.PositiveIntegerField(_("views"), default=0)  # by others than the owner
    # Made by the page: the same id sent twice is one link.
    request_id = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    updated_at = models.DateTimeField(_("shows what was there"))  # when the snapshot was taken

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "request_id"], name="shares_request_once_per_owner"),
        ]
        indexes = [
            # The list of one person's links, newest first.
            models.Index(fields=["owner", "-made_at"], name="shares_of_owner"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_live(self) -> bool:
        """Whether it opens, as far as the row itself says."""
        return self.revoked_at is None and not self.is_expired

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def asks_for_sign_in(self) -> bool:
        """The operator may have forbidden public links since this one was made."""
        return self.audience == Audience.SIGNED_IN or not settings.PUBLIC_SHARES_ARE_ALLOWED

    @property
    def passphrase_mark(self) -> str:
        """What a session keeps that has given the passphrase: another passphrase, another mark. "" when none is asked for."""
        return hashlib.sha256(self.passphrase.encode()).hexdigest()[:32] if self.passphrase else ""

    def count_view(self) -> None:
        """Somebody has looked. A database that is busy or full misses it, and the page is shown all the same."""
        try:
            Share.objects.filter(pk=self.pk).update(view_count=F("view_count") + 1)
        except DatabaseError as error:
            if not is_busy(error):
                raise

    def revoke(self) -> bool:
        """It opens for nobody any more. False: it was revoked before."""
        now = timezone.now()
        return bool(Share.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now))


class ShareImage(models.Model):
    """An image that a snapshot shows: keeps its file, and gives it an address under the link."""

    kept_by = "share__owner"  # whose store it counts for
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="images")
    number = models.PositiveIntegerField()  # from 1
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="share_images")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["share", "number"], name="shares_image_number_once")]

    def __str__(self) -> str:
        return f"image {self.number}"


class Taking(models.Model):
    """Somebody opened a link in their own playground. The same request id twice makes one copy."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    request_id = models.CharField(max_length=64)
    place = models.CharField(max_length=200)  # the address of what was made
    # Of a sweep, which is not started by being opened: what the form of the plan begins with, see taking_sweeps.
    plan = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "request_id"], name="shares_taking_request_once")]

    def __str__(self) -> str:
        return self.place
