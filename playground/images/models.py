"""The images themselves. Who may see one is said by what refers to it: an attachment, a preset, a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q, Sum

if TYPE_CHECKING:
    from playground.accounts.models import User


class BlobQuerySet(models.QuerySet["Blob"]):
    def unreferred(self) -> BlobQuerySet:
        """Those that nothing refers to, whichever app would."""
        referring = (relation.name for relation in Blob._meta.related_objects)  # noqa: SLF001
        return self.filter(**{f"{name}__isnull": True for name in referring})

    def kept_for(self, person: User) -> BlobQuerySet:
        """Those that count for the store of `person`: what refers to them says in `kept_by` whose they are."""
        whose = Q(pk__in=())
        for relation in Blob._meta.related_objects:  # noqa: SLF001
            if path := getattr(relation.related_model, "kept_by", ""):
                rows = relation.related_model._base_manager.filter(**{path: person})  # noqa: SLF001
                whose |= Q(pk__in=rows.values("blob"))
        return self.filter(whose)

    def total_bytes(self) -> int:
        return self.aggregate(total=Sum("byte_size"))["total"] or 0


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
