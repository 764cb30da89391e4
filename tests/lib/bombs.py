"""Markdown bombs of about 100 kB: shapes that made parsers quadratic, or one character into thousands."""

from __future__ import annotations

CHARS = 100_000


def _fill(piece: str) -> str:
    return piece * (CHARS // len(piece))


BOMBS: dict[str, str] = {
    "brackets": _fill("["),
    "image brackets": _fill("!["),
    "nested brackets": "[" * (CHARS // 2) + "]" * (CHARS // 2),
    "empty brackets": _fill("[]"),
    "open links": _fill("[a]("),
    "open angle links": _fill("[a](<b"),
    "open titles": _fill('[a](b "'),
    "links": _fill("[a](b) "),
    "images": _fill("![a](b)"),
    "reference pairs": _fill("[a][b]"),
    "definitions": "".join(f"[a{number}]: /u\n" for number in range(8_000)),
    "definition starts": _fill("[a]:"),
    "one long target used often": "[a]: https://x/" + "x" * 50_000 + "\n\n" + "[a]" * 16_000,
    "image targets used often": "[a]: https://x/" + "x" * 50_000 + "\n\n" + "![a]" * 12_000,
    "urls": _fill("http://"),
    "www": _fill("www."),
    "url of brackets": "http://a/" + ")" * CHARS,
    "backtick runs": "".join("`" * length + " " for length in range(1, 440)),
    "stars": _fill("*a "),
    "strong": _fill("**a"),
    "strong and em": _fill("a**b*c "),
    "star run": "*" * CHARS + "a",
    "underscores": _fill("_a "),
    "tildes": _fill("~~a "),
    "star brackets": _fill("*[a](b"),
    "quotes": _fill(">"),
    "quote lines": _fill("> > > > a\n"),
    "lazy lines": ">" * 20 + "a\n" + _fill("a\n"),
    "list marks": _fill("- "),
    "nested list": "".join("  " * depth + "- a\n" for depth in range(300)),
    "loose list": _fill("1. a\n\n"),
    "short lines": _fill("a\n"),
    "headings": _fill("# a\n"),
    "fences": _fill("```\n"),
    "angles": _fill("<"),
    "tags": _fill("<a "),
    "divs": _fill("<div>"),
    "ampersands": _fill("&"),
    "backslashes": _fill("\\"),
    "dollars": _fill("$a "),
    "formulas": _fill("$x$ "),
    "formula openings": _fill("\\(a "),
    "display openings": _fill("$$\n"),
    "deep formula": "$" + "{" * 900 + "}" * 900 + "$",
    "wide table": "|" + "a|" * 5_000 + "\n|" + "-|" * 5_000 + "\n",
    "ragged table": "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|a\n" * 20_000,
    "one long line": _fill("word "),
    "one long word": "x" * CHARS,
    "spaces": "a" + " " * CHARS + "b",
    "bidi": _fill("\u202e"),
    "minified code": "```js\n" + _fill("a=1;") + "\n```",
}
