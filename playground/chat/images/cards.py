"""What an attachment's card shows besides the picture: tokens and price at low and high detail for the chosen model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from playground.catalog.models import Model, Price
from playground.chat.models import Attachment, Detail
from playground.lib.image_tokens import image_tokens, largest_image_tokens
from playground.lib.tokens import TokenCount

TOKENS_PER_PRICE = 1_000_000
# An image named by URL has a size we never learn: low detail is at most that of the largest square it is fitted into.
LOW_SIDE = 512


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens, and US dollars for them; `price` None means unpriced, which is not free."""

    count: TokenCount
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Card:
    """`low` and `high` are None when the model's way of counting is unknown. `chosen` is what the detail set now costs."""

    attachment: Attachment
    low: Cost | None
    high: Cost | None
    chosen: Cost | None


def make_cards(attachments: Iterable[Attachment], model: Model | None, *, has_prices: bool = True) -> list[Card]:
    """A card for each attachment (blob loaded). One query, for the price; none when `has_prices` is False or there is no card."""
    attachments = list(attachments)
    if not attachments:
        return []
    price = model.price_at(timezone.now().date()) if model and has_prices else None
    return [_card(attachment, model, price) for attachment in attachments]


def total_of(cards: Iterable[Card]) -> Cost | None:
    """What all of them cost as they are set; None when one is unknown or there is none."""
    total: Cost | None = None
    for card in cards:
        if card.chosen is None:
            return None
        total = _sum(total, card.chosen) if total else card.chosen
    return total


def _sum(one: Cost, other: Cost) -> Cost:
    price = None if one.price is None or other.price is None else one.price + other.price
    return Cost(one.count + other.count, price)


def _card(attachment: Attachment, model: Model | None, price: Price | None) -> Card:
    rules = model.image_tokens if model else {}
    blob = attachment.blob
    if blob is None:
        low = image_tokens(rules, LOW_SIDE, LOW_SIDE, Detail.LOW)
        high = auto = largest_image_tokens(rules)
    else:
        low, high, auto = (
            image_tokens(rules, blob.width, blob.height, detail) for detail in (Detail.LOW, Detail.HIGH, Detail.AUTO)
        )
    counts = {Detail.LOW: low, Detail.HIGH: high, Detail.AUTO: auto}
    costs = {detail: _cost(count, price) for detail, count in counts.items()}
    return Card(attachment, costs[Detail.LOW], costs[Detail.HIGH], costs[Detail(attachment.detail)])


def _cost(count: TokenCount | None, price: Price | None) -> Cost | None:
    if count is None:
        return None
    return Cost(count, price.input * count.tokens / TOKENS_PER_PRICE if price else None)
