"""What a run can cost at most, which is what a budget holds for it before it is sent."""

from __future__ import annotations

import datetime
from decimal import Decimal

from playground.catalog.models import Model, Price
from playground.lib.money import rounded
from playground.usage.pricing import cost_of

# Of an answer that nothing bounds: neither the request, nor the model's row, nor its context. More than servers give by default.
UNBOUNDED_OUTPUT_TOKENS = 32_768
# Of a prompt that nobody counted, for a model whose context is not known.
UNKNOWN_PROMPT_TOKENS = 131_072
# Of an image of a model whose way of counting is not known: more than any of the documented ways gives for a large image, but
# for models with inflated image tokens, whose rules are in the catalogue.
UNKNOWN_IMAGE_TOKENS = 6_000


def worst_case(
    price: Price | None, *, prompt_tokens: int, output_tokens: int | None, unknown_images: int = 0, choices: int = 1
) -> Decimal | None:
    """US dollars; None without a price. `output_tokens` is the most an answer can have, None when nothing bounds it."""
    if price is None:
        return None
    output = output_tokens if output_tokens is not None else UNBOUNDED_OUTPUT_TOKENS
    prompt = prompt_tokens + unknown_images * UNKNOWN_IMAGE_TOKENS
    return rounded(cost_of(price, prompt, 0, output * max(choices, 1)))


def worst_of_model(model: Model, day: datetime.date) -> Decimal | None:
    """The most that any run of `model` can cost, for callers who do not know what is sent. One query."""
    return worst_case(
        model.price_at(day),
        prompt_tokens=model.context_tokens or UNKNOWN_PROMPT_TOKENS,
        output_tokens=model.max_output_tokens,
    )
