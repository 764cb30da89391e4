"""Versions of a preset: saved one after the other, never changed, named and restored."""

from __future__ import annotations

import json
import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.images.models import Blob
from playground.presets.checking import check
from playground.presets.content import Content
from playground.presets.errors import Conflict, InvalidPreset
from playground.presets.models import Preset, PresetImage, PresetVersion, Upload
from playground.presets.services.describing import clean_note

NEWEST = "latest"  # in the place of a label: whatever is newest
_LABEL = re.compile(r"(?=.*[a-z_-])[a-z0-9][a-z0-9_-]{0,39}")


def save_version(
    *, preset: Preset, base_number: int, content: Content, author: User | None, note: str = ""
) -> PresetVersion:
    """`content` as the newest version; the newest one itself when it says the same, or when nothing was changed at all.

    `base_number` is the version that the editor started from. Raises Conflict when it is not the newest any more, and
    InvalidPreset. `preset` is brought up to date.
    """
    clean = check(content)
    with transaction.atomic():
        lock(preset)
        newest = preset.latest
        if newest is None:
            return append(preset, clean, author=author, note=note)
        if is_same(newest.content, clean):
            return newest
        if base_number != newest.number:
            message = _("Version %(number)s was saved while you were editing.") % {"number": newest.number}
            raise Conflict(message, theirs=newest)
        return append(preset, clean, author=author, note=note)


def restore_version(*, version: PresetVersion, author: User | None) -> PresetVersion:
    """A new version that says what an old one said; the newest itself when it does so already."""
    preset = version.preset
    with transaction.atomic():
        lock(preset)
        if preset.latest is not None and is_same(preset.latest.content, version.content):
            return preset.latest
        note = _("Version %(number)s restored") % {"number": version.number}
        return append(preset, version.content, author=author, note=note)


def name_version(*, version: PresetVersion, label: str) -> PresetVersion:
    """Call `version` by a name, such as "production", which moves here from the version that had it; "" takes it away.

    Raises InvalidPreset.
    """
    label = label.strip().lower()
    if label and (label == NEWEST or not _LABEL.fullmatch(label)):
        message = _("A label is up to 40 letters, digits, - and _, with a letter in it, and not “latest”.")
        raise InvalidPreset.of("label", message)
    with transaction.atomic():
        lock(version.preset)
        if label:
            PresetVersion.objects.filter(preset=version.preset, label=label).update(label="")
        version.label = label
        version.save(update_fields=["label"])
    return version


def lock(preset: Preset) -> None:
    """Hold the row until the transaction ends, with what it says now. Raises Preset.DoesNotExist when it was deleted."""
    # Without a join: PostgreSQL, having waited, would join the row as it is now with the version as it was before.
    row = Preset.objects.select_for_update().get(pk=preset.pk, deleted_at=None)
    preset.latest, preset.updated_at = row.latest, row.updated_at


def append(preset: Preset, content: Content, *, author: User | None, note: str = "") -> PresetVersion:
    """The next version, which is `content` as `check` gave it. Call it with the preset locked. Raises InvalidPreset."""
    blobs = _blobs_of(content)
    number = preset.latest.number + 1 if preset.latest else 1
    version = PresetVersion.objects.create(
        preset=preset, number=number, content_json=content.as_json(), note=clean_note(note), author=author
    )
    PresetImage.objects.bulk_create(PresetImage(version=version, blob=blob) for blob in blobs)
    if author is not None:
        Upload.objects.filter(owner=author, blob__in=blobs).delete()
    preset.latest, preset.updated_at = version, timezone.now()
    preset.save(update_fields=["latest", "updated_at"])
    return version


def is_same(one: Content, other: Content) -> bool:
    """Whether they say the same; true is not 1 here, as it would be to Python."""
    return json.dumps(one.as_json(), sort_keys=True) == json.dumps(other.as_json(), sort_keys=True)


def _blobs_of(content: Content) -> list[Blob]:
    """The stored images it refers to. Raises InvalidPreset when one is not there."""
    hashes = {picture.sha256 for starter in content.messages for picture in starter.images if picture.sha256}
    blobs = list(Blob.objects.filter(sha256__in=hashes)) if hashes else []
    if len(blobs) != len(hashes):
        raise InvalidPreset.of("messages", _("An image of this preset is not stored here any more. Attach it again."))
    return blobs
