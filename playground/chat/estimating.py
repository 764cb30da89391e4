"""What sending would cost at most, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from playground.catalog.models import Model, Price
from playground.chat.models import Attachment, Conversation, Role
from playground.chat.page import Estimate
from playground.chat.prompt import PromptCount, Turn, count_turns, framed, path_turns
from playground.usage.pricing import cost_of
from playground.usage.worst_case import worst_case


def estimate(
    *,
    model: Model,
    conversation: Conversation | None,
    leaf: int | None,
    text: str,
    attachments: Sequence[Attachment],
    values: Mapping[str, Any],
    starters: Sequence[Turn] = (),
) -> Estimate:
    """Tokens of the whole prompt, its share of the context, and the worst case in money. Up to four queries.

    `starters` are what a preset begins a conversation with that has no message yet.
    """
    receipt = {"values": values, "sends_images": model.has_vision}
    path = path_turns(conversation, leaf) if conversation and leaf else starters
    turns = framed([*path, Turn(Role.USER, text, attachments)], receipt)
    count = count_turns(turns, model, values.get("image_detail"))
    output = _most_output(model, count, values)
    price = _price(model)
    context = model.context_tokens
    return Estimate(
        prompt_tokens=count.total,
        image_tokens=count.images,
        is_approximate=count.is_approximate,
        context_tokens=context,
        context_percent=min(100.0, 100 * count.total / context) if context else None,
        max_output_tokens=output,
        cost_at_most=_cost(price, count, output),
        held_at_most=_held(price, count, output, values),
        is_unpriced=price is None,
        is_too_long=bool(context and count.total > context),
    )


def _most_output(model: Model, count: PromptCount, values: Mapping[str, Any]) -> int | None:
    """The most tokens an answer can have: what was asked for, what the model can, what the context has left."""
    left = max(model.context_tokens - count.total, 0) if model.context_tokens else None
    limits = [values.get("max_completion_tokens"), model.max_output_tokens, left]
    return min((limit for limit in limits if limit is not None), default=None)


def _cost(price: Price | None, count: PromptCount, output: int | None) -> Decimal | None:
    """None without a price, without a bound on the answer, or with images nobody can count: never a guess that is too low."""
    if price is None or output is None or count.images is None:
        return None
    return cost_of(price, count.total, 0, output)


def worst_cost(model: Model, count: PromptCount, values: Mapping[str, Any]) -> Decimal | None:
    """What a budget must hold. None only without a price. One query."""
    return _held(_price(model), count, _most_output(model, count, values), values)


def _held(price: Price | None, count: PromptCount, output: int | None, values: Mapping[str, Any]) -> Decimal | None:
    """As `_cost` says, and where that does not know, more than it can be."""
    choices = values.get("n")
    return worst_case(
        price,
        prompt_tokens=count.total,
        output_tokens=output,
        unknown_images=count.unknown_images,
        choices=choices if isinstance(choices, int) else 1,
    )


def _price(model: Model) -> Price | None:
    return model.price_at(timezone.now().date())
