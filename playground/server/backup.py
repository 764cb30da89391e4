"""A copy of all that a server keeps, made while it runs, and the way back.

A backup is a folder: `playground.sqlite3` (with SQLite; PostgreSQL has tools of its own), `media/`, the keys that the data folder
holds, and `backup.json`, which is written last: without it the folder is no whole backup.

The database is copied as it stands at one moment. Images are written before their rows and never change, so they are copied
before that moment, for those that are deleted soon after it, and again after it, for those that came in between.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from playground.images.models import Blob
from playground.images.store import image_path

DATABASE, MEDIA, MANIFEST = "playground.sqlite3", "media", "backup.json"
KEYS = ("secret.key", "encryption.key")
FORMAT = 1


class CannotBackUp(Exception):
    """The text says why."""


class CannotRestore(Exception):
    """The text says why; nothing has been changed."""


@dataclass
class Contents:
    """What is in a backup."""

    database: str  # "sqlite", or another kind, which is not in it
    files: int = 0
    keys: list[str] = field(default_factory=list)
    missing: int = 0  # images that the database names and the disk has lost
    made_at: str = ""
    format: int = FORMAT


def back_up(folder: Path) -> Contents:
    """Copy everything to `folder`, which must be new or empty. Raises CannotBackUp and OSError, leaving no manifest."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotBackUp(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    contents = Contents(connection.vendor, made_at=datetime.now(UTC).isoformat(timespec="seconds"))
    _copy_new(Path(settings.MEDIA_ROOT), folder / MEDIA)
    if connection.vendor == "sqlite":
        _copy_database(Path(connection.settings_dict["NAME"]), folder / DATABASE)
    _copy_new(Path(settings.MEDIA_ROOT), folder / MEDIA)
    for name in KEYS:
        if (Path(settings.DATA_DIR) / name).exists():
            shutil.copy2(Path(settings.DATA_DIR) / name, folder / name)
            contents.keys.append(name)
    contents.files = sum(1 for path in (folder / MEDIA).rglob("*") if path.is_file())
    contents.missing = _missing_images(folder)
    os.sync()
    (folder / MANIFEST).write_text(json.dumps(contents.__dict__, indent=2) + "\n", encoding="utf-8")
    return contents


def restore(folder: Path) -> Contents:
    """Copy a backup to the data folder of these settings, which has no database yet. Raises CannotRestore and OSError.

    Keys that stand there are kept under another name. The database comes last: until then the folder counts as new.
    """
    contents = _read_manifest(folder)
    target = Path(settings.DATA_DIR)
    if contents.database != connection.vendor:
        raise CannotRestore(
            f"{folder} is of a server with {contents.database}, and this one is set to {connection.vendor}"
        )
    database = Path(connection.settings_dict["NAME"])
    if contents.database == "sqlite":
        if database.exists():
            raise CannotRestore(f"{database} exists; restore to a data folder of its own (PLAYGROUND_DATA_DIR)")
        _check_database(folder / DATABASE)
    target.mkdir(parents=True, exist_ok=True)
    if (folder / MEDIA).exists():
        _copy_new(folder / MEDIA, Path(settings.MEDIA_ROOT))
    for name in contents.keys:
        _put_key(folder / name, target / name)
    if contents.database == "sqlite":
        unfinished = database.with_name(f".{database.name}.restoring")
        shutil.copy2(folder / DATABASE, unfinished)
        os.sync()
        unfinished.replace(database)
    return contents


def _copy_database(source: Path, target: Path) -> None:
    """In one step, so of one moment: with a write-ahead log neither do writers wait for it nor does it see them."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=20)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy, pages=-1)
    try:
        _check_database(target)
    except CannotRestore as error:
        raise CannotBackUp(str(error)) from error


def _check_database(path: Path) -> None:
    """Raises CannotRestore when the file is not a whole database."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise CannotRestore(f"{path} is damaged: {said}")


def _copy_new(source: Path, target: Path) -> None:
    """Copy the files that `target` lacks; unfinished ones are not worth it."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if not path.is_file() or path.name.endswith(".tmp") or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f"{place.name}.tmp")
        try:
            shutil.copy2(path, unfinished)
        except FileNotFoundError:  # deleted meanwhile
            continue
        unfinished.replace(place)


def _missing_images(folder: Path) -> int:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(folder / DATABASE)) as copy:
            rows: list[tuple[Any, ...]] = copy.execute(
                f"SELECT sha256, media_type FROM {Blob._meta.db_table}"  # noqa: S608, SLF001 - our own table's name
            ).fetchall()
    else:
        rows = list(Blob.objects.values_list("sha256", "media_type"))
    places = [image_path(sha256, media_type).relative_to(settings.MEDIA_ROOT) for sha256, media_type in rows]
    return sum(not (folder / MEDIA / place).exists() for place in places)


def _read_manifest(folder: Path) -> Contents:
    try:
        contents = Contents(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise CannotRestore(f"{folder} is not a whole backup: its {MANIFEST} cannot be read") from None
    if contents.format != FORMAT or not set(contents.keys) <= set(KEYS):
        raise CannotRestore(f"{folder} is a backup of another version of Playground")
    return contents


def _put_key(source: Path, target: Path) -> None:
    if target.exists():
        if target.read_bytes() == source.read_bytes():
            return
        target.replace(target.with_name(f"{target.name}.before-restore"))
    shutil.copy2(source, target)
