"""What a model's page shows, as plain values."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playground.catalog.models import Model, Price
from playground.catalog.selection import usable
from playground.catalog.specs import FieldSpec, specs_of


@dataclass(frozen=True, slots=True)
class ListedCard:
    """One line of the catalogue."""

    model: Model
    price: Price | None
    is_free: bool
    is_usable: bool
    is_retired: bool
    days_left: int | None


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter in the API table, made from the form schema."""

    name: str
    wire: str
    type: str
    range: str
    default: str
    help: str
    is_required: bool
    is_deprecated: bool


# The answer's fields, as in the reference, section 2. Nested ones carry their path.
RESPONSE_FIELDS = (
    ("id", "string", _lazy("Names this answer.")),
    ("object", "string", _lazy("chat.completion, or chat.completion.chunk while it streams.")),
    ("created", "integer", _lazy("When the answer was made, in seconds since 1970.")),
    ("model", "string", _lazy("The model that answered, often a dated snapshot of the one asked for.")),
    ("choices", "array", _lazy("The answers, each with message, finish_reason and index.")),
    ("usage", "object", _lazy("What was counted.")),
    ("usage.prompt_tokens", "integer", _lazy("Tokens of everything that was sent.")),
    ("usage.completion_tokens", "integer", _lazy("Tokens of the answer.")),
    ("usage.total_tokens", "integer", _lazy("Both together.")),
    ("usage.prompt_tokens_details", "object", _lazy("Of those sent: cached_tokens and others.")),
    ("usage.completion_tokens_details", "object", _lazy("Of those answered: reasoning_tokens and others.")),
    ("system_fingerprint", "string", _lazy("Which set-up of the server answered.")),
    ("error", "object", _lazy("Instead of all that, when the request was refused: message, type, param, code.")),
)


def list_cards(models: Iterable[Model], today: datetime.date) -> list[ListedCard]:
    """Cards of models whose `provider` and `prices` are loaded. No queries."""
    return [_listed(model, today) for model in models]


def _listed(model: Model, today: datetime.date) -> ListedCard:
    in_force = [price for price in model.prices.all() if price.starts_on <= today]
    price = max(in_force, key=lambda price: price.starts_on, default=None)
    return ListedCard(
        model=model,
        price=price,
        is_free=model.provider.is_embedded and price is not None and not (price.input or price.output),
        is_usable=usable(model, today),
        is_retired=model.is_retired(today),
        days_left=model.days_left(today),
    )


def parameter_rows(model: Model) -> Sequence[ParameterRow]:
    """The API table, in the order of the form."""
    return [
        ParameterRow(
            name=spec.name,
            wire=spec.wire,
            type=_type(spec),
            range=_range(spec),
            default=_default(spec),
            help=_(spec.help) if spec.help else "",
            is_required=spec.is_required,
            is_deprecated=spec.is_deprecated,
        )
        for spec in specs_of(model).values()
    ]


def _type(spec: FieldSpec) -> str:
    items: Any = spec.constraint.get("items", {})
    return f"array<{items.get('type', 'any')}>" if spec.type == "array" else spec.type


def _range(spec: FieldSpec) -> str:
    if spec.options:
        return " | ".join(spec.options)
    if spec.minimum is not None and spec.maximum is not None:
        return f"{_figure(spec.minimum)} … {_figure(spec.maximum)}"
    if "maxItems" in spec.constraint:
        return _("at most %(count)s") % {"count": spec.constraint["maxItems"]}
    return ""


def _figure(value: float) -> str:
    """The limits of 64 bits as a power: the digits help nobody."""
    if value == 2**63 - 1:
        return "2^63 - 1"
    if value == -(2**63):
        return "-2^63"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _default(spec: FieldSpec) -> str:
    if spec.default is not None:
        return spec.default if isinstance(spec.default, str) else json.dumps(spec.default)
    return _(spec.ghost) if spec.ghost else ""
