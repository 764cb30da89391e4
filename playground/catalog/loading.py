"""Brings the rows we ship, and those the environment asks for, into the database.

Idempotent. A row that an admin has changed (its source says so) keeps every change; on a shipped row, what only an admin
sets (key, headers, enabled or not) is never touched.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from playground.catalog.default_prices import give_default_prices
from playground.catalog.models import Model, Price, PriceSource, Provider, RowSource
from playground.catalog.price_use import in_use
from playground.catalog.schemas import read_data, shipped_schema

_OURS = (RowSource.SHIPPED, RowSource.ENVIRONMENT)
_MODEL_DATES = ("knowledge_cutoff", "retires_on")


@dataclass
class Loaded:
    """How many rows were made, brought up to date, and left as an admin wanted them."""

    created: int = 0
    updated: int = 0
    kept: int = 0


@transaction.atomic
def load_shipped() -> Loaded:
    """The providers, models and prices of `data/`."""
    loaded = Loaded()
    for row in read_data("providers"):
        _load_provider(row, loaded)
    for row in read_data("models"):
        _load_model(row, loaded)
    return loaded


def model_fields(row: dict[str, Any]) -> dict[str, Any]:
    """The columns of `Model` in one entry of models.json: dates read, the form schema resolved, no provider or prices."""
    fields = {key: value for key, value in row.items() if key not in {"provider", "name", "prices"}}
    for name in _MODEL_DATES:
        fields[name] = _date(fields.get(name))
    fields["form_schema"] = shipped_schema(fields["form_schema"]["schema"])
    return fields


def _load_provider(row: dict[str, Any], loaded: Loaded) -> None:
    fields = {key: value for key, value in row.items() if key != "slug"}
    provider, is_new = Provider.objects.get_or_create(
        slug=row["slug"], defaults={**fields, "source": RowSource.SHIPPED}
    )
    if provider.source == RowSource.ENVIRONMENT:
        del fields["base_url"]  # the environment's own
    _bring_up_to_date(provider, fields, is_new, loaded)


def _load_model(row: dict[str, Any], loaded: Loaded) -> None:
    provider = Provider.objects.get(slug=row["provider"])
    fields = model_fields(row)
    model, is_new = Model.objects.get_or_create(
        provider=provider, name=row["name"], defaults={**fields, "source": RowSource.SHIPPED}
    )
    _bring_up_to_date(model, fields, is_new, loaded)
    for price in row["prices"]:
        _load_price(model, price, loaded)


def _load_price(model: Model, row: dict[str, str], loaded: Loaded) -> None:
    cached = row.get("cached_input")
    fields = {
        "input": Decimal(row["input"]),
        "cached_input": Decimal(cached) if cached is not None else None,
        "output": Decimal(row["output"]),
    }
    price, is_new = Price.objects.get_or_create(
        model=model,
        starts_on=datetime.date.fromisoformat(row["starts_on"]),
        defaults={**fields, "source": PriceSource.SHIPPED},
    )
    if not is_new and in_use([price.pk]) and _differs(price, fields):
        _supersede(price, fields, loaded)
    else:
        _bring_up_to_date(price, fields, is_new, loaded)


def _supersede(price: Price, fields: dict[str, Any], loaded: Loaded) -> None:
    """What a later version ships counts from today on: runs were computed from the row that is there."""
    today = timezone.now().date()
    in_force = price.model.price_at(today)
    if price.source == PriceSource.ADMIN or (in_force is not None and not _differs(in_force, fields)):
        loaded.kept += 1
        return
    _price, is_new = Price.objects.get_or_create(
        model=price.model, starts_on=today, defaults={**fields, "source": PriceSource.SHIPPED}
    )
    loaded.created += is_new


def load_default_prices() -> int:
    """Bring the prices of all models up to date with the list that ships. Two queries when there is nothing to do."""
    models = Model.objects.filter(provider__is_embedded=False).select_related("provider").prefetch_related("prices")
    return give_default_prices(models.defer("form_schema", "card", "description"))


def _bring_up_to_date(row: Provider | Model | Price, fields: dict[str, Any], is_new: bool, loaded: Loaded) -> None:
    changed = _differs(row, fields)
    if is_new:
        loaded.created += 1
    elif changed and row.source not in _OURS:
        loaded.kept += 1
    elif changed:
        for name in changed:
            setattr(row, name, fields[name])
        row.save(update_fields=changed)
        loaded.updated += 1


def _differs(row: Provider | Model | Price, fields: dict[str, Any]) -> list[str]:
    return [name for name, value in fields.items() if getattr(row, name) != value]


def _date(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
