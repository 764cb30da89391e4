"""What an answer is checked for. Patterns and schemas are hostile, and so are the answers: every check has an end.

Regular expressions run in RE2, whose time is linear in the text whatever the pattern. Schemas are walked in a bounded number
of steps, follow no reference to elsewhere, and their patterns run in RE2 too.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from playground.catalog.checks import check_json_schema
from playground.catalog.problems import BadValue
from playground.catalog.reading import parse_json_object
from playground.compare.sweeps.plan import Check
from playground.lib.json_input import BadJson, read_json

CONTAINS, EQUALS, REGEX, JSON_SCHEMA = "contains", "equals", "regex", "json_schema"
KINDS = {
    CONTAINS: _lazy("Contains"),
    EQUALS: _lazy("Equals"),
    REGEX: _lazy("Matches the expression"),
    JSON_SCHEMA: _lazy("Is JSON of the schema"),
}
MAX_VALUE = 100_000  # characters of a text or schema
MAX_PATTERN = 2_000
MAX_JUDGED = 1_000_000  # characters of an answer; a longer one is not judged
MAX_JSON = 200_000  # of an answer that a schema is held against
MAX_STEPS = 50_000  # keywords of a schema against parts of an answer
MAX_UNIQUE = 2_000  # items that are compared with each other
_RE2_BYTES = 8 << 20


class TooMuch(Exception):
    """A schema that takes too many steps."""


def check_check(check: Check) -> None:
    """Raises BadValue when nothing can be checked this way."""
    if not check.value.strip():
        raise BadValue(_("Say what the answer is checked for."))
    if len(check.value) > (MAX_PATTERN if check.kind == REGEX else MAX_VALUE):
        raise BadValue(_("This check is too long."))
    if check.kind == REGEX:
        _compile(check.value)
    elif check.kind == JSON_SCHEMA and (problems := check_json_schema(parse_json_object(check.value))):
        raise BadValue(problems[0])


def judge(checks: Sequence[Check], text: str, row: Mapping[str, str]) -> list[bool | None]:
    """For each check whether `text`, the answer to the input `row`, passes; None: it could not be judged."""
    return [_judge(check, text, row) for check in checks]


def _judge(check: Check, text: str, row: Mapping[str, str]) -> bool | None:
    if len(text) > MAX_JUDGED:
        return None
    match check.kind:
        case "contains":
            return _filled(check.value, row) in text
        case "equals":
            return text.strip() == _filled(check.value, row).strip()
        case "regex":
            escaped = {name: re2.escape(value) for name, value in row.items()}
            try:
                return _compile(_filled(check.value, escaped)).search(text) is not None
            except BadValue:
                return None
    return _is_valid(check.value, text)


def _filled(value: str, row: Mapping[str, str]) -> str:
    """`value` with each `{{name}}` of the input in its place, in one pass: what is filled in is not looked at again."""
    parts = value.split("{{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, end, rest = part.partition("}}")
        known = end and name.strip() in row
        filled.append(row[name.strip()] + rest if known else "{{" + part)
    return "".join(filled)


def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = _RE2_BYTES
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise BadValue(_("Not a regular expression: %(reason)s.") % {"reason": reason[:120]}) from None


# --- JSON Schema ---


def _is_valid(schema: str, text: str) -> bool | None:
    text = _unfenced(text.strip())
    if len(text) > MAX_JSON:
        return None
    try:
        answer = read_json(text.encode())
    except (BadJson, UnicodeEncodeError):
        return False
    _steps.left = MAX_STEPS
    try:
        return bool(_Validator(json.loads(schema), registry=Registry()).is_valid(answer))
    except (TooMuch, RecursionError, Unresolvable, BadValue):
        return None


def _unfenced(text: str) -> str:
    """What stands in the code box when the answer is nothing but one, as models like to write JSON."""
    if not (text.startswith("```") and text.endswith("```") and "\n" in text):
        return text
    return text.split("\n", 1)[1].removesuffix("```").strip()


_steps = threading.local()
Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


def _counted(keyword: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[ValidationError]:
        _steps.left -= 1
        if _steps.left < 0:
            raise TooMuch
        return keyword(validator, value, instance, schema) or ()

    return check


def _pattern(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compile(value).search(instance):
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for pattern, inner in value.items() if isinstance(instance, dict) else ():
        compiled = _compile(pattern)
        for name, one in instance.items():
            if compiled.search(name):
                yield from validator.descend(one, inner)


def _additional_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    patterns = [_compile(pattern) for pattern in schema.get("patternProperties", ())]
    for name, one in instance.items():
        if name not in schema.get("properties", ()) and not any(pattern.search(name) for pattern in patterns):
            yield from validator.descend(one, value)


def _unique_items(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not (value and isinstance(instance, list)):
        return
    if len(instance) > MAX_UNIQUE:
        raise TooMuch
    seen = [json.dumps(one, sort_keys=True) for one in instance]
    if len(set(seen)) < len(seen):
        yield ValidationError("has the same item twice")


_OWN = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
_Validator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _counted(keyword) for name, keyword in {**Draft202012Validator.VALIDATORS, **_OWN}.items()},
)
