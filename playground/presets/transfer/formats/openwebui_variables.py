"""Open WebUI's typed variables, `{{name | select:options=["a","b"]:default="a":required}}`, as ours.

Described in open-webui/docs, `docs/features/ai-knowledge/prompts.md`. There a variable is optional unless it says otherwise,
and a plain `{{name}}` is one line of text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playground.presets.content import Variable

TYPES = {"textarea": "long", "number": "number", "range": "number", "select": "choice", "checkbox": "boolean"}
SYSTEM_PREFIXES = ("CURRENT_", "USER_")
MAX_OPTIONS = 50
_OPENING, _CLOSING = "[{", "]}"


def is_system_variable(name: str) -> bool:
    return name == "CLIPBOARD" or name.startswith(SYSTEM_PREFIXES)


def define(inner: str) -> Variable | None:
    """The variable that stands between the braces. None when it is no name at all, such as `MESSAGES:END:2`."""
    name, bar, definition = inner.partition("|")
    name = name.strip()
    if not bar:
        return Variable(name, is_required=is_system_variable(name)) if ":" not in name else None
    head, *properties = _split(definition.strip(), ":")
    kind = TYPES.get(head.removeprefix("type=").strip(), "text")
    said = dict(_property(text) for text in properties)
    options = said.get("options")
    choices = tuple(str(one) for one in options[:MAX_OPTIONS]) if isinstance(options, list) else ()
    default = _as_text(said.get("default"))
    if kind == "choice" and default not in choices:
        default = ""
    return Variable(
        name=name,
        type=kind if kind != "choice" or choices else "text",
        default=default,
        help=_as_text(said.get("placeholder")) or _as_text(said.get("label")),
        options=choices if kind == "choice" else (),
        is_required=said.get("required") is True,
    )


def _split(text: str, mark: str) -> list[str]:
    return list(_pieces(text, mark))


def _pieces(text: str, mark: str) -> Iterator[str]:
    """The parts of `text` between `mark`s that stand in no quotes and no brackets."""
    piece: list[str] = []
    depth, is_quoted, is_escaped = 0, False, False
    for char in text:
        if is_escaped or char == "\\":
            is_escaped = not is_escaped
        elif char == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (char in _OPENING) - (char in _CLOSING)
            if char == mark and depth == 0:
                yield "".join(piece).strip()
                piece = []
                continue
        piece.append(char)
    yield "".join(piece).strip()


def _property(text: str) -> tuple[str, Any]:
    """`key=value`, or a bare flag, which is true."""
    key, equals, value = text.partition("=")
    if not equals:
        return key.strip(), True
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return key.strip(), value[1:-1]
    if value[:1] in _OPENING:
        try:
            return key.strip(), json.loads(value)
        except (ValueError, RecursionError):
            return key.strip(), value
    return key.strip(), value


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
