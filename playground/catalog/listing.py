"""Models that a server lists about itself, as rows.

Such a list says little: an id, sometimes a date, a context length, what goes in. What we know of a model of the same name
from the data we ship is added, but never its price or retirement: resellers have their own. Prices come from the default price
list, by the address of the server.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.db import transaction

from playground.catalog.default_prices import give_default_prices
from playground.catalog.endpoints import endpoint_for
from playground.catalog.loading import model_fields
from playground.catalog.models import Model, Provider, RowSource
from playground.catalog.schemas import GENERIC, read_data, shipped_schema
from playground.lib.turns import others_may_run
from playground.upstream.client import UpstreamClient
from playground.upstream.types import ListedModel, Timeouts

TIMEOUTS = Timeouts(connect_s=3, first_token_s=8, silence_s=8, total_s=10)
MOST_MODELS = 500  # rows made of one list
IMAGES_OF_LISTED = 16  # a message, where the list says that images are taken and not how many
# Ids of what is no chat model, in the words that servers use for them.
_OTHER_KINDS = re.compile(
    r"embed|whisper|\btts|-tts|dall-e|moderation|transcribe|rerank|realtime|(^|[/-])(audio|image|sora|davinci|babbage)",
    re.IGNORECASE,
)
_KNOWN_FACTS = (
    *("title", "developer", "description", "context_tokens", "max_output_tokens", "max_images", "knowledge_cutoff"),
    *("capabilities", "form_schema", "tokenizer", "image_tokens"),
)
_KNOWN_CARD = ("summary", "variant", "architecture", "modalities", "strengths", "use_cases", "license", "parameters")


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of a list: models that are new, that were known, and entries left aside as no chat models."""

    created: int
    known: int
    skipped: int


def list_models(provider: Provider) -> Listing:
    """Ask the server of `provider` for its models and make the missing rows. Raises UpstreamError; ten seconds at most."""
    return store_listing(provider, ask_for_models(provider))


def ask_for_models(provider: Provider) -> list[ListedModel]:
    """What the server of `provider` lists, as it says it. Raises UpstreamError; ten seconds at most."""
    with others_may_run():
        return async_to_sync(_ask)(provider)


async def _ask(provider: Provider) -> list[ListedModel]:
    client = UpstreamClient()
    try:
        return await client.list_models(endpoint_for(provider), TIMEOUTS)
    finally:
        await client.aclose()


@transaction.atomic
def store_listing(provider: Provider, listed: Sequence[ListedModel], source: RowSource = RowSource.LISTED) -> Listing:
    """Rows for what is listed. Of a known row only the date of retirement is taken, unless an admin has set it."""
    chat = [entry for entry in listed if not _OTHER_KINDS.search(entry.id)][:MOST_MODELS]
    known = {model.name: model for model in provider.models.all()}
    fresh = [entry for entry in chat if entry.id not in known]
    facts = _facts_by_name()
    for position, entry in enumerate(sorted(fresh, key=lambda entry: entry.id.lower())):
        Model.objects.create(provider=provider, name=entry.id, source=source, **_columns(entry, facts, position))
    for entry in chat:
        _take_date(known.get(entry.id), _date(entry.shutdown_date))
    give_default_prices(provider.models.select_related("provider").prefetch_related("prices").defer("form_schema"))
    return Listing(created=len(fresh), known=len(chat) - len(fresh), skipped=len(listed) - len(chat))


def family() -> list[ListedModel]:
    """The models of the provider that the environment's variables are named after, as if a server had listed them."""
    return [ListedModel(id=row["name"]) for row in read_data("models") if row["max_images"]]


def _take_date(model: Model | None, retires_on: datetime.date | None) -> None:
    if model is not None and retires_on and model.retires_on != retires_on and model.source != RowSource.ADMIN:
        model.retires_on = retires_on
        model.save(update_fields=["retires_on"])


def _facts_by_name() -> dict[str, dict[str, Any]]:
    """What we ship, by name and by the names of its snapshots."""
    facts = {}
    for row in read_data("models"):
        for name in (row["name"], *row["card"].get("snapshots", ())):
            facts[name.lower()] = row
    return facts


def _columns(entry: ListedModel, facts: dict[str, dict[str, Any]], position: int) -> dict[str, Any]:
    row = facts.get(entry.id.lower()) or facts.get(entry.id.lower().rpartition("/")[2])
    columns = _known(row) if row else _unknown(entry)
    if entry.context_tokens:
        columns["context_tokens"] = entry.context_tokens
    # Those that we know come first, in our order; the rest by name.
    columns["position"] = row["position"] if row else 100 + position
    return {**columns, "retires_on": _date(entry.shutdown_date)}


def _known(row: dict[str, Any]) -> dict[str, Any]:
    fields = model_fields(row)
    card = {name: row["card"][name] for name in _KNOWN_CARD if name in row["card"]}
    return {**{name: fields[name] for name in _KNOWN_FACTS}, "card": card}


def _unknown(entry: ListedModel) -> dict[str, Any]:
    takes_images = "image" in entry.input_modalities
    return {
        "title": entry.id[:200],
        "developer": entry.owned_by[:120],
        "max_images": IMAGES_OF_LISTED if takes_images else 0,
        "capabilities": ["vision", "streaming"] if takes_images else ["streaming"],
        "form_schema": shipped_schema(GENERIC),
    }


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
