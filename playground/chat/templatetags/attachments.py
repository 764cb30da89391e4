"""What the templates of attachments need beyond their variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from playground.catalog.models import Model
from playground.chat.images import services
from playground.chat.images.cards import Card, Cost, make_cards, total_of
from playground.chat.models import Attachment, Conversation
from playground.images import store

register = template.Library()
SIGNIFICANT_DIGITS = 3
UNKNOWN = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Around:
    """What an attachments template takes from the page when its include names nothing."""

    model: Model | None
    conversation: Conversation | None
    omitted: int


@register.simple_tag(takes_context=True)
def attachments_around(context: template.Context) -> Around:
    """`model`, `conversation` and `omitted`, else those of `page` and `message`."""
    page, message = context.get("page"), context.get("message")
    return Around(
        model=context.get("model") or getattr(page, "model", None),
        conversation=context.get("conversation") or getattr(page, "conversation", None),
        omitted=context.get("omitted") or int(getattr(message, "omitted_images", 0)),
    )


@register.simple_tag
def attachment_cards(attachments: Iterable[Attachment], model: Model | None = None) -> list[Card]:
    """Cards with tokens and prices. One query."""
    return make_cards(attachments or (), model or None)


@register.simple_tag
def attachment_facts(attachments: Iterable[Attachment], model: Model | None = None) -> list[Card]:
    """Cards with tokens and without prices. No query."""
    return make_cards(attachments or (), model or None, has_prices=False)


@register.filter
def total_cost(cards: list[Card]) -> Cost | None:
    return total_of(cards)


@register.filter
def image_address(attachment: Attachment) -> str:
    """Where the whole image is served; empty for one that is named by URL."""
    if attachment.blob is None:
        return ""
    return reverse("image", args=[attachment.uuid, store.served_name(attachment.uuid, attachment.blob)])


@register.filter
def image_limit(model: Model | None) -> int:
    return services.limit_for(model or None)


@register.filter
def token_figure(cost: Cost | None) -> str:
    """ "1,105", "≈ 415" when it is an estimate, a dash when it is unknown."""
    if cost is None:
        return UNKNOWN
    figure = number_format(cost.count.tokens, force_grouping=True)
    return f"≈ {figure}" if cost.count.is_approximate else figure


@register.filter
def price_figure(cost: Cost | None) -> str:
    """US dollars to three significant digits; "unpriced" when there is no price, never 0."""
    if cost is None:
        return UNKNOWN
    if cost.price is None:
        return _("unpriced")
    return f"${number_format(_significant(cost.price))}"


def _significant(amount: Decimal) -> Decimal:
    if not amount:
        return Decimal(0)
    digits = max(2, SIGNIFICANT_DIGITS - 1 - amount.adjusted())
    return round(amount, digits)


@register.filter
def removed_words(removed: list[str]) -> str:
    """What was cut out of the file: "EXIF, GPS"."""
    return ", ".join(word if word == "text" else word.upper() for word in removed)


@register.filter
def is_private(removed: list[str]) -> bool:
    """True when what was cut out could tell about a person: where, when and with what the picture was taken."""
    return bool({"exif", "gps", "xmp", "iptc"} & set(removed or ()))


@register.simple_tag
def image_max_bytes() -> int:
    return settings.MAX_IMAGE_BYTES
