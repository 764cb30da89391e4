"""`manage.py retention`: delete conversations for their age, or say what would be deleted."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from playground.chat.images.services import sweep_orphans
from playground.chat.services.retention import cutoff, delete_aged, look
from playground.lib.auditing import Act, record
from playground.lib.postgres import no_hurry


class Command(BaseCommand):
    help = "Delete for good the conversations whose last message is older than PLAYGROUND_RETENTION_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=settings.RETENTION_DAYS, help="older than this many days")
        parser.add_argument("--dry-run", action="store_true", help="say what would be deleted, and delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("Nothing is ever too old: set PLAYGROUND_RETENTION_DAYS, or give --days.")
        before = cutoff(options["days"])
        with no_hurry():
            found = look(before)
            what = (
                f"{found.conversations} conversations of {found.people} people with {found.messages} messages and "
                f"{found.images} images, last written to before {before:%Y-%m-%d %H:%M} UTC"
            )
            if options["dry_run"]:
                self.stdout.write(f"Would delete {what}.")
                return
            removed = delete_aged(before)
            swept = sweep_orphans()
        if removed.conversations:
            after = f"{removed.conversations} conversations\n{removed.messages} messages"
            record(None, Act("retention.delete", after=after, note=f"manage.py retention --days {options['days']}"))
        self.stdout.write(
            f"Deleted {removed.conversations} conversations and {removed.messages} messages; "
            f"{swept.blobs} images were used nowhere else."
        )
