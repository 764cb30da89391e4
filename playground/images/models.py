"""The images themselves. Who may see one is said by what refers to it: an attachment, a preset, a share."""

from __future__ import annotations

from django.db import models


class BlobQuerySet(models.QuerySet["Blob"]):
    def unreferred(self) -> BlobQuerySet:
        """Those that nothing refers to, whichever app would."""
        referring = (relation.name for relation in Blob._meta.related_objects)  # noqa: SLF001
        return self.filter(**{f"{name}__isnull": True for name in referring})


class Blob(models.Model):
    """The clean bytes of one image, stored once by the hash of its content, whoever uploaded it."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlobQuerySet.as_manager()

    class Meta:
        db_table = "chat_blob"  # where it was made

    def __str__(self) -> str:
        return self.sha256
