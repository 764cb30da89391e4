"""`manage.py restore FOLDER`: a backup into the data folder of a server that has nothing yet."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from playground.server.backup import CannotRestore, restore
from playground.server.lock import AlreadyRunning, server_lock


class Command(BaseCommand):
    help = "Copy a backup to PLAYGROUND_DATA_DIR, which holds no database yet. Start the server afterwards."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` made")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            with server_lock(settings.DATA_DIR, address="restore"):
                contents = restore(options["folder"])
        except AlreadyRunning as running:
            raise CommandError(f"{settings.DATA_DIR} is in use: {running.holder}") from None
        except (CannotRestore, OSError) as error:
            raise CommandError(f"Nothing is restored: {error}") from error
        self.stdout.write(
            f"{settings.DATA_DIR} is as it was at {contents.made_at}. Start the server: it brings it up to date."
        )
