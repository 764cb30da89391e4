"""Strict reading of JSON that strangers send.

`json.loads` accepts much that breaks later: lone surrogates (SQLite cannot encode them), NUL (PostgreSQL refuses it), NaN
and 1e999 (no JSON), two values for one key (readers disagree on which), numbers of thousands of digits, any depth.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from django.utils.translation import gettext as _

MAX_DEPTH = 64
MAX_DIGITS = 40  # more than any field of ours can mean, far below where Python refuses
# A whole string (skipped), or a bracket. Unrolled, so that a string of 32 MB is one step of the regex engine.
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadJson(ValueError):
    """The body is not JSON that we take. `str(error)` is a sentence without the content, safe to show."""


def read_json(body: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """The value in `body` (UTF-8). `BadJson` for anything that is not strict, storable JSON."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadJson(_("This text is not UTF-8.")) from None
    if text.startswith("\ufeff"):
        raise BadJson(_("This text starts with a byte order mark."))
    _check_depth(text, max_depth)
    try:
        value = json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except BadJson:
        raise
    except (ValueError, RecursionError):
        raise BadJson(_("This is not valid JSON.")) from None
    _check_text(value)
    return value


def is_storable(text: str) -> bool:
    """No NUL and no lone surrogate, which a database may refuse."""
    return _UNSTORABLE.search(text) is None


def _check_depth(text: str, max_depth: int) -> None:
    """One pass over brackets outside strings: before the parser, which recurses."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match.group()
        if mark in {"[", "{"}:
            depth += 1
            if depth > max_depth:
                raise BadJson(_("This is nested more than %(levels)d levels deep.") % {"levels": max_depth})
        elif mark in {"]", "}"}:
            depth -= 1


def _no_constant(name: str) -> NoReturn:
    raise BadJson(_("%(name)s is not a JSON value.") % {"name": name})


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise BadJson(_("A number has too many digits."))
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise BadJson(_("A number is too large."))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadJson(_("An object has the same key twice."))
    return made


def _check_text(value: Any) -> None:
    """Every string of the tree, keys too; a loop, not a recursion."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not is_storable(item):
                raise BadJson(_("A text holds a NUL character or half of a surrogate pair."))
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
