"""`manage.py load_catalog`: the rows we ship, then those of the environment. Safe to run at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.catalog.environment import load_environment
from playground.catalog.loading import load_default_prices, load_shipped


class Command(BaseCommand):
    help = "Load the providers, models and prices that ship with Playground, and the provider of the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_shipped()
        counts = f"{loaded.created} new, {loaded.updated} brought up to date, {loaded.kept} left as an admin set them."
        lines = [f"Catalogue: {counts}", *load_environment()]
        if added := load_default_prices():
            lines.append(f"Prices: {added} rows added from the default price list.")
        if options["verbosity"] > 0:
            self.stdout.write("\n".join(lines))
