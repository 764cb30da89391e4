"""A call in Python, of the OpenAI SDK or of an HTTP library: parsed, never run.

Literals are taken, and names that the snippet sets once to a literal; everything else is `Unknown`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.transfer.fields import Notes
from playground.presets.transfer.imported import BadImport, refuse
from playground.presets.transfer.snippets.values import Unknown, make_template, name_of

MAX_DEPTH = 64
MAX_VALUES = 20_000  # a name may stand for a list of names: without a bound, a bomb
MAX_CODE_CHARS = 300_000
# The parser recurses in C: chains of these stay far from its limits.
MAX_CHAIN = 2_000
MAX_BRACES = 5_000  # each place of an f-string is parsed by itself
METHODS = ("create", "parse", "stream")
SERVICES = ("completions", "responses")
POSTERS = ("post", "request")
NOT_SENT = ("timeout", "extra_headers", "extra_query", "api_key", "base_url")


def is_python(text: str) -> bool:
    """Whether it parses as Python and has a call that we read."""
    try:
        return _find_call(_parse(text)) is not None
    except BadImport:
        return False


def read_python(text: str, notes: Notes) -> dict[str, Any]:
    """The keyword arguments of the call, or the JSON that is posted; with `Unknown` in it. Raises BadImport."""
    tree = _parse(text)
    call = _find_call(tree)
    if call is None:
        refuse("", _("No call such as client.chat.completions.create(…) was found."))
    reader = _Reader(text, tree)
    if _path(call.func)[-1] in POSTERS:
        return reader.posted(call)
    values = reader.keywords(call)
    if call.args:
        notes.add("", _("arguments without a name were left out"))
    for name in NOT_SENT:
        values.pop(name, None)
    extra = values.pop("extra_body", None)
    return {**values, **extra} if isinstance(extra, dict) else values


def _parse(text: str) -> ast.Module:
    if len(text) > MAX_CODE_CHARS or _is_risky(text):
        refuse("", _("This code is too large or too deeply nested to be read."))
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise BadImport(
            "", _("This is not Python: %(reason)s.") % {"reason": error.msg}, error.lineno, error.offset
        ) from None
    except (ValueError, RecursionError, MemoryError):
        refuse("", _("This code is too large or too deeply nested to be read."))


def _is_risky(text: str) -> bool:
    """True when brackets, operators or blocks could nest deeper than the parser's own stack is for."""
    depth = deepest = run = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
        run = run + 1 if char in "-+~ \t" else 0
        if run > MAX_CHAIN:
            return True
    return deepest > MAX_DEPTH * 4 or text.count("{") > MAX_BRACES


def _find_call(tree: ast.Module) -> ast.Call | None:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    # Without a keyword it is the call of another language, which happens to parse.
    sdk = [call for call in calls if _is_sdk(_path(call.func)) and call.keywords]
    return next(iter(sdk), None) or next((call for call in calls if _is_post(call)), None)


def _is_sdk(path: list[str]) -> bool:
    return len(path) >= 2 and path[-1] in METHODS and path[-2] in SERVICES


def _is_post(call: ast.Call) -> bool:
    names = {keyword.arg for keyword in call.keywords}
    return _path(call.func)[-1:] in [[name] for name in POSTERS] and bool(names & {"json", "data", "content"})


def _path(node: ast.expr) -> list[str]:
    """`client.chat.completions.create` as its names."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    return names[::-1]


class _Reader:
    def __init__(self, text: str, tree: ast.Module) -> None:
        self._text = text
        self._left = MAX_VALUES
        self._names: dict[str, ast.expr | None] = {}
        for name, value in _assignments(tree):
            self._names[name] = None if name in self._names else value  # set twice: which one, only running tells

    def keywords(self, call: ast.Call) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for keyword in call.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                values[keyword.arg] = value
            elif isinstance(value, dict):  # **settings
                values |= value
            else:
                values[name_of(f"**{self._source(keyword.value)}")] = value
        return values

    def posted(self, call: ast.Call) -> dict[str, Any]:
        """What `requests.post(url, json=…)` sends; `data=json.dumps(…)` too."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        node = given.get("json") or given.get("data") or given.get("content")
        if isinstance(node, ast.Call) and _path(node.func)[-1:] == ["dumps"] and node.args:
            node = node.args[0]
        value = self.value(node) if node is not None else None
        if not isinstance(value, dict):
            refuse("", _("What this code posts is known only when it runs. Paste the body itself."))
        return value

    def value(self, node: ast.expr, depth: int = 0) -> Any:
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            refuse("", _("This code is too large or too deeply nested to be read."))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
            return node.value
        if isinstance(node, ast.List | ast.Tuple):
            return self._list(node, depth)
        if isinstance(node, ast.Dict):
            return self._dict(node, depth)
        if isinstance(node, ast.Name):
            known = self._names.get(node.id)
            return self._unknown(node) if known is None else self.value(known, depth + 1)
        return self._computed(node, depth)

    def _list(self, node: ast.List | ast.Tuple, depth: int) -> list[Any]:
        values: list[Any] = []
        for item in node.elts:
            value = self.value(item.value if isinstance(item, ast.Starred) else item, depth + 1)
            values += value if isinstance(item, ast.Starred) and isinstance(value, list) else [value]
        return values

    def _dict(self, node: ast.Dict, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, inner in zip(node.keys, node.values, strict=True):
            value = self.value(inner, depth + 1)
            name = self.value(key, depth + 1) if key is not None else None
            if isinstance(name, str):
                values[name] = value
            elif key is None and isinstance(value, dict):  # {**other}
                values |= value
            else:
                values[name_of(self._source(key or inner))] = self._unknown(inner)
        return values

    def _computed(self, node: ast.expr, depth: int) -> Any:
        """A sign before a number, texts put together, f-strings."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            value = self.value(node.operand, depth + 1)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.JoinedStr):
            return make_template(self._parts(node), node.lineno)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
            if isinstance(left, str) and isinstance(right, str):
                return left + right
            if isinstance(left, list) and isinstance(right, list):
                return left + right
        return self._unknown(node)

    def _parts(self, node: ast.JoinedStr) -> Iterator[tuple[str, str]]:
        """The expressions of an f-string, and the texts between them, each with how it stood."""
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield "", str(part.value)
            elif isinstance(part, ast.FormattedValue):
                source = ast.unparse(part.value)
                is_plain = part.conversion == -1 and part.format_spec is None
                yield (source if is_plain else f"{source}:"), "{" + source[:200] + "}"

    def _unknown(self, node: ast.expr) -> Unknown:
        return Unknown(self._source(node), node.lineno)

    def _source(self, node: ast.expr) -> str:
        return (ast.get_source_segment(self._text, node) or "?")[:200]


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Every name that is given a value, wherever: a literal once is one that can be known."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from (
                    (one.id, node.value if one is target else None)
                    for one in ast.walk(target)
                    if isinstance(one, ast.Name)
                )
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr | ast.For | ast.comprehension):
            is_plain = isinstance(node, ast.AnnAssign)
            yield from (
                (one.id, node.value if is_plain and isinstance(node, ast.AnnAssign) else None)
                for one in ast.walk(node.target)
                if isinstance(one, ast.Name)
            )
        elif isinstance(node, ast.arg):
            yield node.arg, None
