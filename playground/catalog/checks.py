"""Does a typed value keep to its field's constraint? jsonschema finds out, our own sentences say so."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from playground.catalog.specs import FieldSpec
from playground.lib.numbers import number

MAX_DECIMALS = 6  # of a limit
MAX_MESSAGES = 3  # a field; more than that nobody reads


def check_value(spec: FieldSpec, value: Any) -> list[str]:
    """What is wrong with `value`, in sentences; empty when it may be sent."""
    if spec.type == "object":
        return check_json_schema(value)
    errors = list(Draft202012Validator(spec.constraint).iter_errors(value))
    return [_sentence(error) for error in errors[:MAX_MESSAGES]]


def check_json_schema(schema: dict[str, Any]) -> list[str]:
    """Is `schema` itself a JSON Schema? References to elsewhere are refused, never fetched."""
    worst = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if worst is not None:
        place = "/".join(str(step) for step in worst.absolute_path) or _("the whole schema")
        return [_("Not a JSON Schema, at %(place)s: %(reason)s") % {"place": place, "reason": _short(worst.message)}]
    return []


def _short(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


# What each keyword of JSON Schema means to the person who filled in the form.
_SENTENCES = {
    "minimum": _lazy("Must be at least %(limit)s."),
    "maximum": _lazy("Must be at most %(limit)s."),
    "enum": _lazy("Must be one of: %(limit)s."),
    "minLength": _lazy("Must not be empty."),
    "maxLength": _lazy("At most %(limit)s characters."),
    "minItems": _lazy("Must not be empty."),
    "maxItems": _lazy("At most %(limit)s of them."),
    "pattern": _lazy("Does not have the right form."),
    "type": _lazy("Has the wrong type."),
}


def _sentence(error: ValidationError) -> str:
    limit = error.validator_value
    text = _SENTENCES.get(str(error.validator))
    return str(text) % {"limit": _written(limit)} if text else _("Is not allowed here.")


def _written(limit: Any) -> str:
    if isinstance(limit, list):
        return ", ".join(str(option) for option in limit)
    is_number = isinstance(limit, (int, float)) and not isinstance(limit, bool)
    return number(limit, MAX_DECIMALS) if is_number else str(limit)
