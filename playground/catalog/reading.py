"""Raw values to typed ones. Raw is what a form sends (texts, lists of texts) or what JSON holds: both are taken."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.problems import BadValue
from playground.lib.json_input import BadJson, is_storable, read_json

# Longer than any number that a field of ours can mean.
MAX_DIGITS = 40
# Characters. A schema for structured output has at most 120,000 of names and values.
MAX_JSON_CHARS = 1_000_000
EXACT_FLOAT = 2**53  # above it a float no longer tells neighbouring whole numbers apart
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_WORDS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


def is_unset(raw: Any) -> bool:
    """True for what a form sends of an untouched field: nothing, an empty text, a list of those."""
    if isinstance(raw, list | tuple):
        return all(is_unset(item) for item in raw)
    return raw is None or raw == ""


def read_value(kind: str, raw: Any) -> Any:
    """`raw` as JSON Schema type `kind`. Raises BadValue with a sentence in the reader's language."""
    return _READERS[kind](raw)


def _number(raw: Any) -> float | int:
    value = raw
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) > MAX_DIGITS or not _NUMBER.fullmatch(text):
            raise BadValue(_("Enter a number."))
        value = int(text) if _INTEGER.fullmatch(text) else float(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(_as_float(value)):
        raise BadValue(_("Enter a number."))
    return value


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _integer(raw: Any) -> int:
    value = raw
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) > MAX_DIGITS or not _INTEGER.fullmatch(text):
            raise BadValue(_("Enter a whole number."))
        value = int(text)
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT_FLOAT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue(_("Enter a whole number."))
    return value


def _boolean(raw: Any) -> bool:
    value = _WORDS.get(raw.strip().lower()) if isinstance(raw, str) else raw
    if not isinstance(value, bool):
        raise BadValue(_("Choose on or off."))
    return value


def _string(raw: Any) -> str:
    if not isinstance(raw, str):
        raise BadValue(_("Enter a text."))
    if not is_storable(raw):
        raise BadValue(_("The text holds a NUL character or half of a surrogate pair."))
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def _array(raw: Any) -> list[str]:
    items = raw if isinstance(raw, list | tuple) else [raw]
    return [_string(item) for item in items if item is not None and item != ""]


def _object(raw: Any) -> dict[str, Any]:
    if isinstance(raw, str):
        return parse_json_object(raw)
    if not isinstance(raw, Mapping):
        raise BadValue(_("Enter a JSON object."))
    try:
        return parse_json_object(json.dumps(raw))
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, BadValue):
            raise
        raise BadValue(_("Enter a JSON object.")) from None


def parse_json_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises BadValue, with line and column where the grammar is broken."""
    if len(text) > MAX_JSON_CHARS:
        raise BadValue(_("The JSON is longer than 1,000,000 characters."))
    try:
        value = read_json(text.encode())
    except UnicodeEncodeError:
        raise BadValue(_("The text holds a NUL character or half of a surrogate pair.")) from None
    except BadJson as error:
        raise _located(text, error) from None
    if not isinstance(value, dict):
        raise BadValue(_("The JSON must be an object: { … }."), 1, 1)
    return value


def _located(text: str, error: BadJson) -> BadValue:
    try:
        json.loads(text)
    except json.JSONDecodeError as syntax:
        return BadValue(_("Not valid JSON: %(reason)s.") % {"reason": syntax.msg}, syntax.lineno, syntax.colno)
    except (RecursionError, ValueError):
        pass
    return BadValue(_("Not JSON that can be sent: %(reason)s") % {"reason": str(error)})


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "string": _string,
    "array": _array,
    "object": _object,
}
