"""The images of starter messages: taken in by the editor, and shown to whoever may use a preset that has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from playground.images import errors, intake, store
from playground.images.models import Blob
from playground.presets.content import Content, Picture
from playground.presets.models import Preset, PresetImage, PresetVersion, Upload

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture and where it is served; `uuid` is None for one named by its address, or whose file is not ours any more."""

    picture: Picture
    uuid: UUID | None = None
    width: int = 0
    height: int = 0


def take_in(*, owner: User, file: UploadedFile[Any]) -> Picture:
    """Clean and store an uploaded file, so that `owner` may save it in a version within a day. Raises ImageError.

    Blocks while the file is decoded. No transaction is open meanwhile.
    """
    name = intake.clean_name(file.name or "")
    if (file.size or 0) > settings.MAX_IMAGE_BYTES:
        raise errors.ImageTooLarge(name, settings.MAX_IMAGE_BYTES)
    if Blob.objects.kept_for(owner).total_bytes() >= settings.IMAGE_QUOTA_BYTES:
        raise errors.QuotaExceeded(name, settings.IMAGE_QUOTA_BYTES)
    image = intake.clean_image(file.read(), name)
    try:
        sha256 = store.write(image)
    except OSError as error:
        raise errors.StoreFull(name) from error
    with transaction.atomic():
        Upload.objects.get_or_create(owner=owner, blob=store.keep(image, sha256))
    return Picture(sha256=sha256, name=name)


def allow(*, owner: User, content: Content) -> None:
    """Let `owner` save the stored images of `content`, which the caller knows that they may see. Two queries."""
    blobs = Blob.objects.filter(sha256__in=hashes_in(content))
    Upload.objects.bulk_create((Upload(owner=owner, blob=blob) for blob in blobs), ignore_conflicts=True)


def allowed_hashes(user: User, hashes: Iterable[str]) -> set[str]:
    """Those of `hashes` that `user` may put into a preset: uploaded, or in a version that they may use. Two queries."""
    wanted = set(hashes)
    if not wanted:
        return set()
    versions = PresetVersion.objects.visible_to(user)
    saved = PresetImage.objects.filter(version__in=versions, blob__sha256__in=wanted)
    uploaded = Upload.objects.filter(owner=user, blob__sha256__in=wanted)
    return {sha256 for rows in (saved, uploaded) for sha256 in rows.values_list("blob__sha256", flat=True)}


def pictures_of(version: PresetVersion) -> dict[str, ShownPicture]:
    """The stored images of a version, by hash. One query."""
    rows = PresetImage.objects.filter(version=version).select_related("blob")
    return {row.blob.sha256: _shown(row.uuid, row.blob) for row in rows}


def pictures_for(user: User, hashes: Iterable[str]) -> dict[str, ShownPicture]:
    """Where `user` sees each of the images that they may put into a preset. Two queries."""
    wanted = set(hashes)
    if not wanted:
        return {}
    versions = PresetVersion.objects.visible_to(user)
    saved = PresetImage.objects.filter(version__in=versions, blob__sha256__in=wanted).select_related("blob")
    uploaded = Upload.objects.filter(owner=user, blob__sha256__in=wanted).select_related("blob")
    return {row.blob.sha256: _shown(row.uuid, row.blob) for rows in (saved, uploaded) for row in rows}


def find_blob(user: User, uuid: UUID) -> Blob:
    """The image of that address. Raises Blob.DoesNotExist unless `user` may use its preset, or uploaded it."""
    saved = PresetImage.objects.filter(uuid=uuid, version__preset__in=Preset.objects.visible_to(user))
    uploaded = Upload.objects.filter(uuid=uuid, owner=user)
    row = saved.select_related("blob").first() or uploaded.select_related("blob").first()
    if row is None:
        raise Blob.DoesNotExist
    return row.blob


def hashes_in(content: Content) -> set[str]:
    return {picture.sha256 for starter in content.messages for picture in starter.images if picture.sha256}


def shown_pictures(pictures: Iterable[Picture], stored: Mapping[str, ShownPicture]) -> tuple[ShownPicture, ...]:
    """Each of `pictures` with where it is served, if it is."""
    return tuple(
        replace(stored[one.sha256], picture=one) if one.sha256 in stored else ShownPicture(one) for one in pictures
    )


def _shown(uuid: UUID, blob: Blob) -> ShownPicture:
    return ShownPicture(Picture(sha256=blob.sha256), uuid, blob.width, blob.height)
