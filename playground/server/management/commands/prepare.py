"""`manage.py prepare`: what `serve --prepare` does first, by itself. A container's build collects static files with it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from playground.lib.postgres import Lock, alone
from playground.server import prepare


class Command(BaseCommand):
    help = "Migrate, load the catalogue and collect static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--static-only", action="store_true", help="only collect static files; needs no database")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["static_only"]:
            with alone(Lock.PREPARE):
                prepare.migrate()
                self.stdout.write("\n".join(prepare.load_catalogue()))
        prepare.collect_static()
