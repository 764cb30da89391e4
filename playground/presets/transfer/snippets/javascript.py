"""A call in JavaScript or TypeScript, of the OpenAI SDK or of `fetch`: its literals are read, nothing is run.

A small tolerant reader of our own: tokens.py cuts the code into tokens, this reads values from them. Names that the snippet
sets once to a literal are taken; everything else is `Unknown`.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.presets.transfer.imported import BadImport, refuse
from playground.presets.transfer.snippets.tokens import Token, tokens_of
from playground.presets.transfer.snippets.values import Unknown, name_of

MAX_DEPTH = 64
MAX_VALUES = 20_000
MAX_TYPE_TOKENS = 30  # of a type between a name and its value
METHODS = ("create", "parse", "stream")
SERVICES = ("completions", "responses")
WORDS = {"true": True, "false": False, "null": None, "undefined": None}
OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")


def is_javascript(text: str) -> bool:
    """Whether it has a call that we read."""
    try:
        return _find_call(tokens_of(text)) is not None
    except BadImport:
        return False


def read_javascript(text: str) -> dict[str, Any]:
    """The object that the call is given, or the body that is posted; with `Unknown` in it. Raises BadImport."""
    tokens = tokens_of(text)
    start = _find_call(tokens)
    if start is None:
        refuse("", _("No call such as client.chat.completions.create({…}) was found."))
    value, _behind = _Reader(text, tokens).value(start)
    if not isinstance(value, dict):
        line = tokens[start].line
        raise BadImport("", _("What this call is given is known only when the code runs."), line, tokens[start].column)
    return value


def read_literal(text: str) -> Any:
    """A value by itself, as people paste it: keys without quotes, trailing commas, comments. Raises BadImport."""
    tokens = tokens_of(text)
    if not tokens:
        refuse("", _("There is nothing to read."))
    value, behind = _Reader(text, tokens).value(0)
    if behind < len(tokens):
        raise BadImport("", _("Something stands behind the value."), tokens[behind].line, tokens[behind].column)
    return value


def _find_call(tokens: list[Token]) -> int | None:
    """Where the first argument of the SDK's call begins, or the text that `fetch` posts."""
    words = [token.text if token.kind in ("name", "sign") else "" for token in tokens]
    for at in range(len(words) - 4):
        if words[at] in SERVICES and words[at + 1] == "." and words[at + 2] in METHODS and words[at + 3] == "(":
            return at + 4
    for at in range(len(words) - 7):
        if words[at : at + 6] == ["body", ":", "JSON", ".", "stringify", "("]:
            return at + 6
    return None


class _Reader:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text, self._tokens = text, tokens
        self._left = MAX_VALUES
        self._names = _assigned(tokens)

    def value(self, at: int, depth: int = 0) -> tuple[Any, int]:
        """The value that begins at token `at`, and the place of the token behind it."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            refuse("", _("This code is too large or too deeply nested to be read."))
        token = self._token(at)
        value: Any
        if token.text == "{" and token.kind == "sign":
            value, behind = self._object(at + 1, depth)
        elif token.text == "[" and token.kind == "sign":
            value, behind = self._array(at + 1, depth)
        else:
            value, behind = self._scalar(at, depth)
        if not self._ends(behind):
            if isinstance(value, str) and self._token(behind).text == "+":
                return self._joined(value, at, behind, depth)
            return self._skip(at)
        return value, behind

    def _scalar(self, at: int, depth: int) -> tuple[Any, int]:
        token = self._token(at)
        if token.kind in ("text", "number"):
            return token.value, at + 1
        if token.text in ("-", "+") and self._token(at + 1).kind == "number":
            number = self._token(at + 1).value
            return (-number if token.text == "-" else number), at + 2
        if token.kind == "name" and token.text in WORDS:
            return WORDS[token.text], at + 1
        if token.kind == "name" and (start := self._names.get(token.text)) is not None and self._ends(at + 1):
            return self.value(start, depth + 1)[0], at + 1
        return self._skip(at)

    def _joined(self, left: str, at: int, behind: int, depth: int) -> tuple[Any, int]:
        """Texts put together with +."""
        right, end = self.value(behind + 1, depth + 1)
        return (left + right, end) if isinstance(right, str) else self._skip(at)

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        made: dict[str, Any] = {}
        while True:
            token = self._token(at)
            if token.text == "}" and token.kind == "sign":
                return made, at + 1
            if token.text == "," and token.kind == "sign":
                at += 1
            elif token.text == "...":
                value, at = self.value(at + 1, depth + 1)
                made |= value if isinstance(value, dict) else {self._shown(value): value}
            else:
                at = self._member(made, at, depth)

    def _member(self, made: dict[str, Any], at: int, depth: int) -> int:
        key, sign = self._token(at), self._token(at + 1)
        if key.kind not in ("name", "text", "number"):
            return self._odd_member(made, at)
        if sign.text == ":" and sign.kind == "sign":
            made[str(key.value)], behind = self.value(at + 2, depth + 1)
            return behind
        if key.kind == "name" and self._ends(at + 1):  # { model }
            made[key.text], behind = self.value(at, depth + 1)
            return behind
        return self._odd_member(made, at)

    def _odd_member(self, made: dict[str, Any], at: int) -> int:
        """A method, a computed name: over it to the next comma."""
        value, behind = self._skip(at)
        made[self._shown(value)] = value
        return behind

    def _array(self, at: int, depth: int) -> tuple[list[Any], int]:
        made: list[Any] = []
        while True:
            token = self._token(at)
            if token.text == "]" and token.kind == "sign":
                return made, at + 1
            if token.text == "," and token.kind == "sign":
                at += 1
            elif token.text == "...":
                value, at = self.value(at + 1, depth + 1)
                made += value if isinstance(value, list) else [value]
            else:
                value, at = self.value(at, depth + 1)
                made.append(value)

    def _skip(self, at: int) -> tuple[Unknown, int]:
        """Over an expression that is no literal: to the comma or bracket that ends it."""
        first, depth = self._token(at), 0
        start = at
        while depth > 0 or not self._ends(at) or at == start:
            token = self._token(at)
            if token.kind == "sign":
                depth += (token.text in OPENING) - (token.text in CLOSING)
                if depth < 0:
                    raise BadImport("", _("Something is missing here."), token.line, token.column)
            at += 1
        return Unknown(self._text[first.start : self._tokens[at - 1].end], first.line), at

    def _ends(self, at: int) -> bool:
        """Whether an expression ends before token `at`: a comma, a closing bracket, a semicolon, `as const`, the end."""
        if at >= len(self._tokens):
            return True
        token = self._tokens[at]
        if token.kind == "sign":
            return token.text in (",", ";", *CLOSING)
        # A line of its own begins something new, unless an operator before it waits for more.
        return token.is_first and (self._tokens[at - 1].kind != "sign" or self._tokens[at - 1].text in CLOSING)

    def _token(self, at: int) -> Token:
        if at >= len(self._tokens):
            last = self._tokens[-1]
            raise BadImport("", _("The code ends in the middle of a value."), last.line, last.column)
        return self._tokens[at]

    @staticmethod
    def _shown(value: Any) -> str:
        return name_of(value.source) if isinstance(value, Unknown) else "…"


def _equals_behind(tokens: list[Token], at: int) -> int | None:
    """Where the `=` of `name = …` stands, or of `const name: Type[] = …`."""
    behind = tokens[at + 1].text if tokens[at + 1].kind == "sign" else ""
    if behind == "=":
        return at + 1
    if behind != ":" or not at or tokens[at - 1].text not in ("const", "let", "var"):
        return None
    near = range(at + 2, min(at + 2 + MAX_TYPE_TOKENS, len(tokens) - 1))
    return next((one for one in near if tokens[one].kind == "sign" and tokens[one].text == "="), None)


def _assigned(tokens: list[Token]) -> dict[str, int]:
    """Where the value of each name begins that is set exactly once: `const name = value`, with a TypeScript type or without."""
    places: dict[str, int] = {}
    twice: set[str] = set()
    for at, token in enumerate(tokens[:-2]):
        if token.kind != "name" or (at and tokens[at - 1].text == "."):
            continue
        behind = tokens[at + 1]
        equals = _equals_behind(tokens, at)
        if equals is not None:
            twice |= {token.text} & set(places)
            places[token.text] = equals + 1
        elif behind.kind == "sign" and behind.text in ("+=", "++"):
            twice.add(token.text)
    return {name: at for name, at in places.items() if name not in twice}
