"""What a column sends with is kept as it is changed, and a pinned field is the same in all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import carry_over
from playground.catalog.models import Model
from playground.catalog.specs import COMPOSER, specs_of
from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation
from playground.compare.models import Column, Comparison
from playground.compare.services.posting import models_by_name
from playground.compare.settings import typed

MODEL = "model"  # the name of the field that a form chooses the model with


def save_settings(*, owner: User, column: Column, model_name: str, raw: Mapping[str, Any]) -> None:
    """Keep what was entered, the pinned fields in all columns. Values that are wrong are kept too: they refuse the next message.

    Raises InvalidInput when the model is not in the catalogue.
    """
    models = models_by_name(owner)
    model = models.get(model_name)
    if model is None:
        raise InvalidInput.of(MODEL, _("This model is not in the catalogue. Choose another one."))
    with transaction.atomic():
        comparison = Comparison.objects.select_for_update().get(pk=column.comparison_id)
        values = typed(model, raw)
        _write(column.conversation, model.public_name, values)
        if pinned := comparison.pinned_fields:
            spread(column, _others(column), pinned, models)


def pin_field(*, owner: User, column: Column, field: str, is_pinned: bool) -> None:
    """Pinned, every column takes the value of `column`, and from then on every change. Raises InvalidInput for no field of its model."""
    models = models_by_name(owner)
    model = models.get(column.conversation.model_name)
    known = {MODEL} | {name for name, spec in (specs_of(model) if model else {}).items() if spec.widget != COMPOSER}
    with transaction.atomic():
        comparison = Comparison.objects.select_for_update().get(pk=column.comparison_id)
        pinned = [name for name in comparison.pinned_fields if name != field]
        if is_pinned:
            if field not in known:
                raise InvalidInput.of(field[:80], _("This model has no such parameter."))
            pinned.append(field)
            spread(column, _others(column), [field], models)
        comparison.pinned_fields = pinned
        comparison.save(update_fields=["pinned_fields"])


def spread(column: Column, others: Sequence[Column], fields: Sequence[str], models: Mapping[str, Model]) -> None:
    """Give `others` the values that `column` has of `fields`, where their models take them. Within a transaction."""
    origin = column.conversation
    for other in others:
        conversation = other.conversation
        name, values = conversation.model_name, dict(conversation.parameters)
        if MODEL in fields and name != origin.model_name:
            name = origin.model_name
            if name in models:
                values, _dropped = carry_over(values, models[name])
        known = specs_of(models[name]) if name in models else {}
        for field in fields:
            if field in known:
                values.pop(field, None)
                if field in origin.parameters:
                    values[field] = origin.parameters[field]
        if (name, values) != (conversation.model_name, conversation.parameters):
            _write(conversation, name, values)


def _others(column: Column) -> list[Column]:
    rows = Column.objects.shown().filter(comparison=column.comparison_id).exclude(pk=column.pk)
    return list(rows.select_related("conversation"))


def _write(conversation: Conversation, model_name: str, values: dict[str, Any]) -> None:
    conversation.model_name, conversation.parameters = model_name, values
    conversation.save(update_fields=["model_name", "parameters"])
