"""The life of a preset: made, forked, starred, used, deleted and, until the purge, brought back."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.presets.checking import check
from playground.presets.content import Content
from playground.presets.models import ImportDraft, Preset, PresetVersion, Star, Upload
from playground.presets.services.describing import claim_slug, clean_description
from playground.presets.services.versions import append

KEEP_DELETED = datetime.timedelta(days=30)
KEEP_UPLOADS = datetime.timedelta(days=1)


def create_preset(
    *,
    owner: User,
    name: str,
    content: Content,
    description: str = "",
    tags: Iterable[str] = (),
    note: str = "",
    forked_from: PresetVersion | None = None,
) -> Preset:
    """A preset of `owner` that nobody else sees, with its first version as `latest`. Raises InvalidPreset."""
    clean, said = check(content), clean_description(name, description, tags)
    with transaction.atomic():
        preset = Preset.objects.create(
            slug=claim_slug(said.name),
            owner=owner,
            name=said.name,
            description=said.description,
            tags=said.tags,
            search_text=said.search_text,
            forked_from=forked_from,
            updated_at=timezone.now(),
        )
        append(preset, clean, author=owner, note=note)
    return preset


def fork(*, version: PresetVersion, owner: User, name: str = "", content: Content | None = None) -> Preset:
    """A preset of `owner` that begins as `version`, or as `content`, and says where it is from. Raises InvalidPreset."""
    original = version.preset
    return create_preset(
        owner=owner,
        name=name or _("%(name)s (fork)") % {"name": original.name[:100]},
        content=version.content if content is None else content,
        description=original.description,
        tags=original.tags,
        note=_("Forked from %(name)s") % {"name": version.name},
        forked_from=version,
    )


def set_star(*, preset: Preset, user: User, is_starred: bool) -> None:
    if is_starred:
        Star.objects.get_or_create(preset=preset, user=user)
    else:
        Star.objects.filter(preset=preset, user=user).delete()


def count_use(*, version: PresetVersion) -> None:
    """One query. Call it in the transaction of what is sent."""
    Preset.objects.filter(pk=version.preset_id).update(use_count=F("use_count") + 1, used_at=timezone.now())


def delete_preset(*, preset: Preset) -> None:
    """Out of everybody's lists at once. What was sent with it stays as it is. Can be undone until the purge."""
    Preset.objects.filter(pk=preset.pk, deleted_at=None).update(deleted_at=timezone.now())


def undelete_preset(*, owner: User, slug: str) -> Preset:
    """Undo, with everything it was shared with. Raises Preset.DoesNotExist."""
    with transaction.atomic():
        preset = Preset.objects.select_for_update().get(owner=owner, slug=slug)
        preset.deleted_at = None
        preset.save(update_fields=["deleted_at"])
    return preset


def purge(*, older_than: datetime.timedelta = KEEP_DELETED) -> int:
    """Remove for good what was deleted longer ago than that, and images that were never saved. Returns how many presets.

    Their images lose what kept them; the sweep of the images takes the files.
    """
    now = timezone.now()
    Upload.objects.filter(created_at__lt=now - KEEP_UPLOADS).delete()
    ImportDraft.objects.filter(created_at__lt=now - KEEP_UPLOADS).delete()
    old = Preset.objects.filter(deleted_at__lt=now - older_than)
    with transaction.atomic():
        count = old.count()
        old.delete()
    return count
