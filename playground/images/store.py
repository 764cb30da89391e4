"""The clean images on disk: one file and one thumbnail for each content, under MEDIA_ROOT/images, named by its hash.

A file is written beside its place and renamed into it, so that there is never half of one. The row (`Blob`) decides
whether an image exists: `write` comes before the row, and a file without a row is swept up after a day. Who makes or removes a
row or its files holds the hash until the transaction ends.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from playground.images.intake import CleanImage
from playground.images.models import Blob
from playground.lib.postgres import hold

log = logging.getLogger(__name__)

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
THUMBNAIL_TYPE = "image/webp"
THUMBNAIL_SUFFIX = ".thumb.webp"
# A file without a row may belong to an upload under way; after this it cannot.
ABANDONED_SECONDS = 24 * 3600
HASH_CHARS = 64


def write(image: CleanImage) -> str:
    """Put the image and its thumbnail on disk, unless they are there. Returns the hash. Raises OSError, leaving nothing."""
    sha256 = hashlib.sha256(image.data).hexdigest()
    path = image_path(sha256, image.media_type)
    existed = path.exists()
    try:
        if not _owner_path().exists():
            _write_once(_owner_path(), _owner().encode())
        _write_once(path, image.data)
        _write_once(thumbnail_path(sha256), image.thumbnail)
    except OSError:
        if not existed:
            path.unlink(missing_ok=True)
        raise
    return sha256


def keep(image: CleanImage, sha256: str) -> Blob:
    """The row of an image that `write` has stored; the only one of this content. Call it inside a transaction."""
    hold(sha256)
    blob, _is_new = Blob.objects.get_or_create(
        sha256=sha256,
        defaults={
            "media_type": image.media_type,
            "width": image.width,
            "height": image.height,
            "byte_size": len(image.data),
        },
    )
    write(image)  # a sweep may have come in between; from here on the row protects the files
    return blob


def discard(sha256: str) -> None:
    """Take away the files of an upload that got no row. Call it inside a transaction."""
    hold(sha256)
    if not Blob.objects.filter(sha256=sha256).exists():
        _unlink_all(sha256)


def forget(blob: Blob) -> bool:
    """Delete row and files unless something refers to it; says whether it did. Call it inside a transaction."""
    hold(blob.sha256)
    deleted, _by_model = Blob.objects.unreferred().filter(pk=blob.pk).delete()
    if deleted:
        _unlink_all(blob.sha256)
    return bool(deleted)


def read(blob: Blob) -> bytes:
    """The image. Raises FileNotFoundError when the disk has lost it."""
    return image_path(blob.sha256, blob.media_type).read_bytes()


def read_thumbnail(blob: Blob) -> bytes:
    """The thumbnail (WebP). Raises FileNotFoundError when the disk has lost it."""
    return thumbnail_path(blob.sha256).read_bytes()


def sweep_files() -> int:
    """Delete files that no row knows and that are a day old, half-written ones included. Returns how many."""
    if not _is_of_this_database():
        log.warning(
            "%s is of another database than the one in use, so no file is swept. If it is not, delete that file",
            _owner_path(),
        )
        return 0
    abandoned = [path for path in _files() if time.time() - path.stat().st_mtime > ABANDONED_SECONDS]
    hashes = {path.name[:HASH_CHARS] for path in abandoned}
    known = set(Blob.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)) if hashes else set()
    lost = [path for path in abandoned if path.name[:HASH_CHARS] not in known or path.name.endswith(".tmp")]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)


def served_name(uuid: UUID, blob: Blob) -> str:
    """What the image is called outside: nothing of the uploaded file's name reaches an address or a header."""
    return f"image-{uuid.hex[:8]}.{EXTENSIONS[blob.media_type]}"


def image_path(sha256: str, media_type: str) -> Path:
    return _folder(sha256) / f"{sha256}.{EXTENSIONS[media_type]}"


def thumbnail_path(sha256: str) -> Path:
    return _folder(sha256) / f"{sha256}{THUMBNAIL_SUFFIX}"


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "images"


def _owner() -> str:
    """The database whose rows the files are of."""
    return "sqlite" if connection.vendor == "sqlite" else f"{connection.vendor} {connection.settings_dict['NAME']}"


def _owner_path() -> Path:
    return Path(settings.DATA_DIR) / "media.database"


def _is_of_this_database() -> bool:
    """False after DATABASE_URL was set or unset on a data folder: the rows of its images are then somewhere else."""
    path = _owner_path()
    return not path.exists() or path.read_text(encoding="utf-8") == _owner()


def _folder(sha256: str) -> Path:
    return _root() / sha256[:2] / sha256[2:4]


def _files() -> Iterator[Path]:
    return _root().glob("*/*/*")


def _unlink_all(sha256: str) -> None:
    for path in _folder(sha256).glob(f"{sha256}.*"):
        path.unlink(missing_ok=True)


def _write_once(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
