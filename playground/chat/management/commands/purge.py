"""`manage.py purge`: remove for good what was deleted more than 30 days ago."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from playground.chat.services.deleting import KEEP_DELETED, purge


class Command(BaseCommand):
    help = "Remove for good the conversations and messages that were deleted more than 30 days ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=KEEP_DELETED.days, help="deleted longer ago than this")

    def handle(self, *args: Any, **options: Any) -> None:
        conversations, messages = purge(older_than=datetime.timedelta(days=options["days"]))
        self.stdout.write(f"Removed {conversations} conversations and {messages} single messages.")
