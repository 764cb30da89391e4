"""`manage.py backup FOLDER`: a consistent copy of database, images and keys, while the server runs."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.server.backup import KEYS, CannotBackUp, back_up


class Command(BaseCommand):
    help = "Copy database, images and keys to a new folder. The server may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        os.umask(0o077)  # it holds the keys
        try:
            contents = back_up(folder)
        except (CannotBackUp, OSError) as error:
            raise CommandError(f"There is no backup: {error}") from error
        database = "the database" if contents.database == "sqlite" else "no database (make it with pg_dump)"
        self.stdout.write(f"{folder}: {database}, {contents.files} files, keys: {', '.join(contents.keys) or 'none'}")
        for name in sorted(set(KEYS) - set(contents.keys)):
            self.stdout.write(f"{name} is not in it, for it comes from the environment: keep that elsewhere")
        if contents.missing:
            self.stderr.write(f"{contents.missing} images that the database names are not on disk")
