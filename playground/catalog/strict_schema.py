"""The subset of JSON Schema that strict structured output takes.

Rules: reference "chat-completions.md", section 1, after OpenAI's structured-outputs guide. The walk is a loop, so that a
deep schema costs no stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

MAX_PROPERTIES = 5_000
MAX_LEVELS = 10  # of objects and arrays inside each other
MAX_TEXT_CHARS = 120_000  # over all names, enum and const values
MAX_ENUM_VALUES = 1_000
LONG_ENUM_VALUES = 250  # an enum of texts with more values than this ...
MAX_LONG_ENUM_CHARS = 15_000  # ... may hold this many characters
MAX_FINDINGS = 10

TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
KEYWORDS = {
    *("type", "enum", "const", "anyOf", "$defs", "$ref", "definitions", "title", "description", "default"),
    *("properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
    *("pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "$schema"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: where, as a JSON pointer ("" is the root), and what."""

    pointer: str
    message: str


@dataclass
class _Totals:
    properties: int = 0
    text_chars: int = 0
    enum_values: int = 0
    findings: list[Finding] = field(default_factory=list)


def strict_findings(schema: dict[str, Any]) -> list[Finding]:
    """What keeps `schema` out of the strict subset, at most ten findings, in the order of the text."""
    totals = _Totals()
    totals.findings.extend(_root(schema))
    waiting: list[tuple[str, Any, int]] = [("", schema, 1)]
    while waiting and len(totals.findings) < MAX_FINDINGS:
        pointer, node, level = waiting.pop()
        if not isinstance(node, dict):
            totals.findings.append(Finding(pointer, _("true and false cannot stand for a schema.")))
            continue
        totals.findings.extend(_node(pointer, node, level, schema))
        _count(node, pointer, totals)
        waiting.extend(reversed(list(_children(pointer, node, level))))
    totals.findings.extend(_limits(totals))
    return totals.findings[:MAX_FINDINGS]


def _root(schema: dict[str, Any]) -> Iterator[Finding]:
    if schema.get("type") != "object":
        yield Finding("", _("The root must have the type object."))
    if "anyOf" in schema:
        yield Finding("", _("The root must not be anyOf."))


def _node(pointer: str, node: dict[str, Any], level: int, root: dict[str, Any]) -> Iterator[Finding]:
    for keyword in sorted(set(node) - KEYWORDS):
        yield Finding(pointer, _("%(keyword)s is not supported.") % {"keyword": keyword})
    types = node.get("type", [])
    for kind in types if isinstance(types, list) else [types]:
        if kind not in TYPES:
            yield Finding(pointer, _("The type %(type)s is not supported.") % {"type": kind})
    if "object" in types or "properties" in node:
        yield from _object(pointer, node)
    if "format" in node and node["format"] not in FORMATS:
        yield Finding(pointer, _("The format %(format)s is not supported.") % {"format": node["format"]})
    if "$ref" in node and not _resolves(node["$ref"], root):
        yield Finding(pointer, _("$ref must point to a definition in this schema."))
    if level > MAX_LEVELS:
        yield Finding(pointer, _("More than %(limit)d levels deep.") % {"limit": MAX_LEVELS})


def _object(pointer: str, node: dict[str, Any]) -> Iterator[Finding]:
    if node.get("additionalProperties") is not False:
        yield Finding(pointer, _("Every object needs additionalProperties: false."))
    missing = [name for name in node.get("properties", {}) if name not in node.get("required", [])]
    if missing:
        names = ", ".join(missing[:5])
        yield Finding(pointer, _("Every property must be in required; missing: %(names)s.") % {"names": names})


def _resolves(reference: Any, root: dict[str, Any]) -> bool:
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return False
    node: Any = root
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return isinstance(node, dict)


def _children(pointer: str, node: dict[str, Any], level: int) -> Iterator[tuple[str, Any, int]]:
    for name, child in node.get("properties", {}).items():
        yield f"{pointer}/properties/{name}", child, level + 1
    if "items" in node:
        yield f"{pointer}/items", node["items"], level + 1
    for index, child in enumerate(node.get("anyOf", [])):
        yield f"{pointer}/anyOf/{index}", child, level
    for keyword in ("$defs", "definitions"):
        for name, child in node.get(keyword, {}).items():
            yield f"{pointer}/{keyword}/{name}", child, 1


def _count(node: dict[str, Any], pointer: str, totals: _Totals) -> None:
    names = [*node.get("properties", {}), *node.get("$defs", {}), *node.get("definitions", {})]
    values = [*node.get("enum", []), *([node["const"]] if "const" in node else [])]
    texts = [value for value in values if isinstance(value, str)]
    totals.properties += len(node.get("properties", {}))
    totals.enum_values += len(node.get("enum", []))
    totals.text_chars += sum(len(text) for text in (*names, *texts))
    if len(node.get("enum", [])) > LONG_ENUM_VALUES and sum(map(len, texts)) > MAX_LONG_ENUM_CHARS:
        limit = {"values": LONG_ENUM_VALUES, "chars": MAX_LONG_ENUM_CHARS}
        message = _("An enum of more than %(values)d values may hold at most %(chars)d characters.") % limit
        totals.findings.append(Finding(pointer, message))


def _limits(totals: _Totals) -> Iterator[Finding]:
    if totals.properties > MAX_PROPERTIES:
        yield Finding("", _("More than %(limit)d properties.") % {"limit": MAX_PROPERTIES})
    if totals.enum_values > MAX_ENUM_VALUES:
        yield Finding("", _("More than %(limit)d enum values.") % {"limit": MAX_ENUM_VALUES})
    if totals.text_chars > MAX_TEXT_CHARS:
        yield Finding("", _("More than %(limit)d characters in names and values.") % {"limit": MAX_TEXT_CHARS})
