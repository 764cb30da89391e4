"""Values that were read out of code: plain JSON, with marks where something stood that only running would tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.lib.keys import mask_keys
from playground.presets.transfer.fields import Notes

MAX_SOURCE = 60  # characters of code that a note shows
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Unknown:
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places that the code fills: names of those that became variables, and code of those that could not."""

    text: str
    names: tuple[str, ...]
    others: tuple[str, ...]
    line: int


def name_of(source: str) -> str:
    """What a member is called that has no name but its code: it may hold a key."""
    return mask_keys(" ".join(source.split()))[:MAX_SOURCE]


def make_template(parts: Iterable[tuple[str, str]], line: int) -> str | Template:
    """From texts and expressions in turn, each with how it stood: a bare name becomes `{{name}}`, all else stays."""
    made: list[str] = []
    names: list[str] = []
    others: list[str] = []
    for expression, shown in parts:
        if expression and _NAME.fullmatch(expression):
            names.append(expression)
            made.append("{{" + expression + "}}")
        else:
            others += [shown] if expression else []
            made.append(shown)
    text = "".join(made)
    return Template(text, tuple(names), tuple(others), line) if names or others else text


def without_unknown(value: Any, where: str, notes: Notes) -> Any:
    """`value` with everything unknown left out, templates as texts, and both noted. Recursive: readers bound the depth."""
    if isinstance(value, Template):
        _note_template(value, where, notes)
        return value.text
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if not _is_unknown(inner, f"{where}.{name}", notes)}
        return {name: without_unknown(inner, _below(where, name), notes) for name, inner in kept.items()}
    if isinstance(value, list):
        pairs = [(at, inner) for at, inner in enumerate(value) if not _is_unknown(inner, f"{where}[{at}]", notes)]
        return [without_unknown(inner, f"{where}[{at}]", notes) for at, inner in pairs]
    return value


def _note_template(template: Template, where: str, notes: Notes) -> None:
    for name in dict.fromkeys(template.names):
        notes.add(
            where,
            _("the code in line %(line)d fills in “%(name)s”; here it is a variable")
            % {"line": template.line, "name": name[:MAX_SOURCE]},
        )
    for source in dict.fromkeys(template.others):
        notes.add(
            where,
            _("“%(source)s” in line %(line)d is known only when the code runs, and was left as it stands")
            % {"line": template.line, "source": _cut(source)},
        )


def _cut(source: str) -> str:
    line = mask_keys(" ".join(source.split()))
    return line if len(line) <= MAX_SOURCE else f"{line[: MAX_SOURCE - 1]}…"


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _is_unknown(value: Any, where: str, notes: Notes) -> bool:
    if not isinstance(value, Unknown):
        return False
    notes.add(
        where.lstrip("."),
        _("was left out: “%(source)s” in line %(line)d is known only when the code runs")
        % {"source": _cut(value.source), "line": value.line},
    )
    return True
