"""Sentences with figures that are written down in English and read in any language. No Django here."""

from __future__ import annotations

from typing import Any, Self


class Sentence(str):
    """An English sentence that remembers what it is made of: `template`, with a %(name)s for each figure, and `figures`.

    A number stands in it with one decimal at most; whoever says it in another language writes the figures anew.
    """

    __slots__ = ("figures", "template")

    template: str
    figures: dict[str, float | str]

    def __new__(cls, template: str, **figures: float | str) -> Self:
        made = super().__new__(cls, template % {name: _plain(value) for name, value in figures.items()})
        made.template, made.figures = template, figures
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # a copy is a plain text


def parts_of(text: str) -> dict[str, Any] | None:
    """What to keep beside `text` so that it can be said in another language; None when it is a plain one."""
    return {"template": text.template, "figures": text.figures} if isinstance(text, Sentence) else None


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
