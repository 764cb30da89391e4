"""What kind of text an answer mostly is: JSON, code or prose."""

from __future__ import annotations

import re
from typing import Literal

from playground.lib.json_differences import NotJson, parse

Kind = Literal["json", "code", "prose"]

MOSTLY = 0.6  # of the characters

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n(.*?)(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)


def kind_of(a: str, b: str) -> Kind:
    """How two texts are best compared: what only one of them is, is prose."""
    if is_json(a) and is_json(b):
        return "json"
    return "code" if is_code(a) and is_code(b) else "prose"


def is_json(text: str) -> bool:
    try:
        parse(without_fence(text))
    except NotJson:
        return False
    return True


def is_code(text: str) -> bool:
    """Whether most of it stands in fenced blocks."""
    inside = sum(len(found[0]) for found in _FENCED.finditer(text))
    return inside > 0 and inside >= MOSTLY * len(text)


def without_fence(text: str) -> str:
    """What stands in the fenced block when that is all there is; else the text itself."""
    stripped = text.strip()
    found = _FENCED.match(stripped)
    return found[2] if found and found.end() == len(stripped) else text
