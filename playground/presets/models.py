"""Presets: named settings that people keep, version and share."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from playground.images.models import Blob
from playground.presets.content import Content

if TYPE_CHECKING:
    from playground.accounts.models import User


class Immutable(Exception):
    """A version is never changed or deleted by itself; a new one follows it."""


class Right(models.TextChoices):
    """What somebody else may do with a preset. Whoever may edit may use."""

    USE = "use", _("Can use")
    EDIT = "edit", _("Can edit")


class PresetQuerySet(models.QuerySet["Preset"]):
    def visible_to(self, user: User) -> PresetQuerySet:
        """What `user` may use: their own, what was shared with them by name, and what everyone signed in may use."""
        if not user.is_authenticated:
            return self.none()
        granted = Grant.objects.filter(user=user).values("preset")
        return self.filter(Q(owner=user) | Q(pk__in=granted) | ~Q(everyone=""), deleted_at=None)

    def editable_by(self, user: User) -> PresetQuerySet:
        """What `user` may write new versions of."""
        if not user.is_authenticated:
            return self.none()
        granted = Grant.objects.filter(user=user, right=Right.EDIT).values("preset")
        return self.filter(Q(owner=user) | Q(pk__in=granted) | Q(everyone=Right.EDIT), deleted_at=None)

    def owned_by(self, user: User) -> PresetQuerySet:
        return self.filter(owner=user, deleted_at=None) if user.is_authenticated else self.none()

    def with_star_of(self, user: User) -> PresetQuerySet:
        """Each with `is_starred`: whether `user` has starred it."""
        return self.annotate(is_starred=Exists(Star.objects.filter(preset=OuterRef("pk"), user=user)))


class Preset(models.Model):
    slug = models.SlugField(max_length=80, unique=True)  # in addresses and receipts; never changes, never used again
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="", max_length=2000)
    tags = models.JSONField(default=list, blank=True)  # short lower-case words, sorted
    # Name, description and tags, case folded, for the search: SQLite folds only ASCII. See services/describing.py.
    search_text = models.TextField(blank=True, default="")
    everyone = models.CharField(max_length=4, choices=Right.choices, blank=True, default="")  # "": not shared so
    # The newest version: what using the preset means when no version is named.
    latest = models.ForeignKey("PresetVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    forked_from = models.ForeignKey(
        "PresetVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="forks"
    )
    use_count = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()  # the last version
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ["name", "id"]
        indexes = [
            # The list of one person's presets.
            models.Index(fields=["owner", "-updated_at"], name="presets_of_owner", condition=Q(deleted_at=None)),
        ]

    def __str__(self) -> str:
        return self.slug


class TakenSlug(models.Model):
    """A slug that a preset has or had. It outlives the preset, so that an old address never means another one."""

    slug = models.SlugField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.slug


class PresetVersionQuerySet(models.QuerySet["PresetVersion"]):
    def visible_to(self, user: User) -> PresetVersionQuerySet:
        """The versions of what `user` may use."""
        return self.filter(preset__in=Preset.objects.visible_to(user))

    def update(self, **kwargs: Any) -> int:
        if kwargs.keys() != {"label"}:
            raise Immutable
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable


class PresetVersion(models.Model):
    """What a preset said at one time. Never changes once saved, but for the name that somebody gives it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    preset = models.ForeignKey(Preset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # from 1
    content_json = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    label = models.SlugField(max_length=40, blank=True)  # "production": one version of a preset has it at a time
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PresetVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["preset", "number"], name="presets_version_number_once"),
            models.UniqueConstraint(
                fields=["preset", "label"], condition=~Q(label=""), name="presets_version_label_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and set(kwargs.get("update_fields") or ("all",)) != {"label"}:
            raise Immutable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable

    @property
    def content(self) -> Content:
        return Content.of_json(self.content_json)

    @property
    def name(self) -> str:
        """As receipts and the ledger have it: `slug@number`. Needs the preset loaded."""
        return f"{self.preset.slug}@{self.number}"


class PresetImage(models.Model):
    """An image that a version refers to: keeps its file, and gives it an address of its own."""

    kept_by = "version__preset__owner"  # whose store it counts for
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(PresetVersion, on_delete=models.CASCADE, related_name="images")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="preset_images")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "blob"], name="presets_image_once")]

    def __str__(self) -> str:
        return f"image {self.uuid}"


class Upload(models.Model):
    """An image that somebody put into the editor and that no version has yet. It goes after a day."""

    kept_by = "owner"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="preset_uploads")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "blob"], name="presets_upload_once")]

    def __str__(self) -> str:
        return f"upload {self.uuid}"


class Grant(models.Model):
    """A preset shared with one person by name."""

    preset = models.ForeignKey(Preset, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preset_grants")
    right = models.CharField(max_length=4, choices=Right.choices, default=Right.USE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["preset", "user"], name="presets_grant_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.right}"


class Star(models.Model):
    preset = models.ForeignKey(Preset, on_delete=models.CASCADE, related_name="stars")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preset_stars")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["preset", "user"], name="presets_star_once")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class ImportDraftQuerySet(models.QuerySet["ImportDraft"]):
    def visible_to(self, user: User) -> ImportDraftQuerySet:
        return self.filter(owner=user) if user.is_authenticated else self.none()


class ImportDraft(models.Model):
    """What was read out of a file or a paste and waits for a yes. The text itself is not kept: it may hold keys."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=20)  # a key of transfer.reading.TITLES
    presets_json = models.JSONField()  # a list of transfer.imported.Imported
    slugs = models.JSONField(default=list)  # of the presets that came of it: a second yes makes no others
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImportDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import {self.uuid}"
