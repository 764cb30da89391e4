"""What a column sends with is kept as it is changed, and a pinned field is the same in all columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import carry_over
from playground.catalog.models import Model
from playground.catalog.specs import COMPOSER, specs_of
from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation
from playground.chat.services.cleaning import clean_text
from playground.chat.services.filling import given_of
from playground.compare.models import Column, Comparison
from playground.compare.services.posting import models_by_name
from playground.compare.settings import ColumnSettings, typed

MODEL, PRESET = "model", "preset"  # fields that are no parameters; a preset brings its variables along


def save_settings(*, owner: User, column: Column, settings: ColumnSettings) -> None:
    """Keep what was entered, the pinned fields in all columns. Values that are wrong are kept too: they refuse the next message.

    Raises InvalidInput when the model is not in the catalogue, and for a variable that cannot be stored.
    """
    models = models_by_name(owner)
    model = models.get(settings.model_name)
    if model is None:
        raise InvalidInput.of(MODEL, _("This model is not in the catalogue. Choose another one."))
    given = given_of(settings.preset.content, settings.variables) if settings.preset else {}
    variables = {name: clean_text(value, name) for name, value in given.items()}
    kept = ColumnSettings(model.public_name, typed(model, settings.parameters), settings.preset, variables)
    with transaction.atomic():
        comparison = Comparison.objects.select_for_update().get(pk=column.comparison_id)
        _write(column.conversation, kept)
        if pinned := comparison.pinned_fields:
            spread(column, _others(column), pinned, models)


def pin_field(*, owner: User, column: Column, field: str, is_pinned: bool) -> None:
    """Pinned, every column takes the value of `column`, and from then on every change. Raises InvalidInput for no field of its model."""
    models = models_by_name(owner)
    model = models.get(column.conversation.model_name)
    known = {name for name, spec in (specs_of(model) if model else {}).items() if spec.widget != COMPOSER}
    with transaction.atomic():
        comparison = Comparison.objects.select_for_update().get(pk=column.comparison_id)
        pinned = [name for name in comparison.pinned_fields if name != field]
        if is_pinned:
            if field not in known | {MODEL, PRESET}:
                raise InvalidInput.of("field", _("This model has no such parameter."))
            pinned.append(field)
            spread(column, _others(column), [field], models)
        comparison.pinned_fields = pinned
        comparison.save(update_fields=["pinned_fields"])


def spread(column: Column, others: Sequence[Column], fields: Sequence[str], models: Mapping[str, Model]) -> None:
    """Give `others` the values that `column` has of `fields`, where their models take them. Within a transaction."""
    origin = ColumnSettings.of(column.conversation)
    for other in others:
        before = ColumnSettings.of(other.conversation)
        after = _taken(origin, before, fields, models)
        if after != before:
            _write(other.conversation, after)


def _taken(
    origin: ColumnSettings, before: ColumnSettings, fields: Sequence[str], models: Mapping[str, Model]
) -> ColumnSettings:
    name, values = before.model_name, dict(before.parameters)
    if MODEL in fields and name != origin.model_name:
        name = origin.model_name
        if name in models:
            values, _dropped = carry_over(values, models[name])
    known = specs_of(models[name]) if name in models else {}
    for field in known.keys() & set(fields):
        values.pop(field, None)
        if field in origin.parameters:
            values[field] = origin.parameters[field]
    theirs = origin if PRESET in fields else before
    return ColumnSettings(name, values, theirs.preset, theirs.variables)


def _others(column: Column) -> list[Column]:
    rows = Column.objects.shown().filter(comparison=column.comparison_id).exclude(pk=column.pk)
    return list(rows.select_related("conversation__preset"))


def _write(conversation: Conversation, settings: ColumnSettings) -> None:
    conversation.model_name, conversation.parameters = settings.model_name, dict(settings.parameters)
    conversation.preset, conversation.variables = settings.preset, dict(settings.variables)
    conversation.save(update_fields=["model_name", "parameters", "preset", "variables"])
