"""What one prompt would cost at most in all columns together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from playground.accounts.models import User
from playground.catalog.form_schema import validate
from playground.chat.estimating import estimate
from playground.chat.models import Attachment
from playground.chat.page import Estimate
from playground.chat.services.filling import fill_loosely
from playground.chat.services.settings import settings_of
from playground.chat.services.starting import starter_turns
from playground.compare.models import Comparison
from playground.compare.services.columns import columns_of
from playground.compare.services.posting import models_by_name


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over the columns whose model is there. Amounts in US dollars; unpriced columns are not in them, and counted."""

    columns: int
    prompt_tokens: int  # of all
    tokens_each: int | None  # when it is the same in all
    is_approximate: bool
    cost_at_most: Decimal | None  # None when no column has a price, or what one costs cannot be known
    held_at_most: Decimal | None
    unpriced: int
    too_long: Sequence[int]  # the numbers of the columns whose context it does not fit


def estimate_all(*, owner: User, comparison: Comparison, text: str, attachments: Sequence[Attachment]) -> Total:
    """Three queries a column that has a history, one for its price and up to two for its preset.

    Raises InvalidInput for a text that grows too long with its variables.
    """
    models = models_by_name(owner)
    made: list[Estimate] = []
    too_long = []
    for number, column in enumerate(columns_of(comparison), start=1):
        conversation = column.conversation
        model = models.get(conversation.model_name)
        if model is None:
            continue
        settings = settings_of(owner, conversation)
        filling = fill_loosely(settings.preset, settings.variables)
        one = estimate(
            model=model,
            conversation=conversation,
            leaf=conversation.leaf_id,
            text=filling.text(text),
            attachments=attachments if model.has_vision else (),
            values=validate(model, filling.parameters(conversation.parameters)).values,
            starters=starter_turns(owner, filling) if conversation.leaf_id is None else (),
        )
        made.append(one)
        if one.is_too_long:
            too_long.append(number)
    return _sum(made, too_long)


def _sum(made: Sequence[Estimate], too_long: Sequence[int]) -> Total:
    tokens = {one.prompt_tokens for one in made}
    priced = [one for one in made if not one.is_unpriced]
    return Total(
        columns=len(made),
        prompt_tokens=sum(one.prompt_tokens for one in made),
        tokens_each=tokens.pop() if len(tokens) == 1 else None,
        is_approximate=any(one.is_approximate for one in made),
        cost_at_most=_add([one.cost_at_most for one in priced]),
        held_at_most=_add([one.held_at_most for one in priced]),
        unpriced=len(made) - len(priced),
        too_long=too_long,
    )


def _add(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """None without amounts, and when one is not known: never a sum that is too low."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None
