"""JavaScript cut into tokens, as far as reading literals out of it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.transfer.imported import BadImport, refuse
from playground.presets.transfer.snippets.values import make_template

MAX_CODE_CHARS = 5 * 1024 * 1024
MAX_TOKENS = 100_000
MAX_NUMBER_CHARS = 40
MAX_TEMPLATE_CHARS = 300_000  # of one that the code fills in

# One alternative a kind. Texts are unrolled, so that a long one is one step of the regex engine.
_TOKEN = re.compile(
    r"""
    (?P<space>[\s\ufeff]+|//[^\n]*|/\*.*?\*/)
  | (?P<text>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*')
  | (?P<template>`[^`\\]*+(?:\\.[^`\\]*+)*+`)
  | (?P<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)
  | (?P<name>[A-Za-z_$\u0080-\uffff][\w$]*)
  | (?P<sign>\.\.\.|=>|===?|!==?|\+\+|\+=|\?\?|\?\.|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
# A place of a template: a short expression without braces and texts of templates, or the beginning of another one.
_PLACE = re.compile(r"\\.|\$\{(?:([^{}`]{0,300})\})?", re.DOTALL)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # "text", "number", "name" or "sign"
    text: str
    value: Any  # of texts and numbers; of names, the name
    start: int
    end: int
    line: int
    column: int
    is_first: bool  # on its line: a statement without a semicolon before it ends there


def tokens_of(text: str) -> list[Token]:
    """Raises BadImport for what cannot be JavaScript, or is too large."""
    if len(text) > MAX_CODE_CHARS:
        refuse("", _("This code is too large or too deeply nested to be read."))
    found: list[Token] = []
    line, line_start, last_line = 1, 0, 0
    for match in _TOKEN.finditer(text):
        kind, shown = match.lastgroup or "sign", match.group()
        if kind != "space":
            column = match.start() - line_start + 1
            if kind == "sign" and shown in "\"'`":
                raise BadImport("", _("A text begins here and does not end."), line, column)
            kind, value = _value_of(kind, shown, line)
            found.append(Token(kind, shown, value, match.start(), match.end(), line, column, line != last_line))
            if len(found) > MAX_TOKENS:
                refuse("", _("This code is too large or too deeply nested to be read."))
        if "\n" in shown:
            line += shown.count("\n")
            line_start = match.start() + shown.rindex("\n") + 1
        if kind != "space":
            last_line = line
    return found


def unescape(inner: str) -> str:
    """What stands between the quotes of a text, with its escapes read."""
    plain = _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner
    # Halves of surrogate pairs, written as two escapes, become their character; a lone one is refused later.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if "\\u" in inner else plain


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group(1)
    if escape[0] in "ux" and len(escape) > 1:
        code = int(escape[1:].strip("{}"), 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _ESCAPED.get(escape, escape)


def _parts(inner: str) -> Iterator[tuple[str, str]]:
    """The texts of a template, and the expressions between them, each with how it stood."""
    at = 0
    for match in _PLACE.finditer(inner):
        if match.group()[0] == "$":
            yield "", unescape(inner[at : match.start()])
            yield (match.group(1) or "…").strip(), match.group()
            at = match.end()
    yield "", unescape(inner[at:])


def _value_of(kind: str, shown: str, line: int) -> tuple[str, Any]:
    if kind == "text":
        return "text", unescape(shown[1:-1])
    if kind == "template":
        if "${" in shown and len(shown) > MAX_TEMPLATE_CHARS:
            refuse("", _("This code is too large or too deeply nested to be read."))
        return "text", make_template(_parts(shown[1:-1]), line)
    if kind == "number":
        return "number", _number(shown)
    return kind, shown


def _number(shown: str) -> int | float:
    digits = shown.replace("_", "").rstrip("n")
    if len(digits) > MAX_NUMBER_CHARS:
        refuse("", _("A number has too many digits."))
    if digits[:2].lower() == "0x":
        return int(digits, 16)
    return int(digits) if digits.isdigit() else float(digits)
