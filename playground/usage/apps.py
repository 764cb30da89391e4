from collections.abc import Collection

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "playground.usage"

    def ready(self) -> None:
        from playground.catalog import price_use

        price_use.register(prices_with_entries)


def prices_with_entries(prices: Collection[int]) -> set[int]:
    """Those price rows that an entry was computed from. A short query for each."""
    from playground.usage.models import LedgerEntry

    return {price for price in prices if LedgerEntry.objects.filter(price=price).exists()}
