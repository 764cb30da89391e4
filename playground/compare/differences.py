"""How the last answers of two columns differ, as the page shows it: bounded, and cut into parts that a browser can leave undrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from playground.lib.answer_kinds import kind_of, without_fence
from playground.lib.differences import Line, Piece, lines, paragraphs, words
from playground.lib.json_differences import Change, NotJson, Path, structure, written

MOST_CHARACTERS = 200_000  # of each answer; the same as a page shows of one
MOST_PIECES = 20_000
MOST_LINES = 6_000
MOST_PLACES = 500
MOST_OF_A_VALUE = 2_000  # characters
LINES_TOGETHER = 40
CONTEXT = 3  # lines that are the same, shown before and after a change

_NAME = re.compile(r"[A-Za-z_]\w*")


class Way(models.TextChoices):
    """How to compare; "auto" looks at the texts."""

    AUTO = "auto", _("Automatic")
    WORDS = "words", _("By word")
    LINES = "lines", _("By line")
    STRUCTURE = "structure", _("JSON structure")


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines that stand together; `is_folded` when they are the same and far from any change."""

    lines: Sequence[Line]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One place of two JSON texts that is not the same."""

    kind: str  # "added", "removed", "changed"
    path: str
    before: str  # as JSON, cut when long; empty when added
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    way: Way  # the one that was taken
    removed: int = 0  # words, lines or places, by the way
    added: int = 0
    changed: int = 0  # places only
    same: int = 0
    paragraphs: Sequence[Sequence[Piece]] = ()
    groups: Sequence[LineGroup] = ()
    places: Sequence[Place] = ()
    is_cut: bool = False  # there is more than is shown or was compared
    is_not_json: bool = False  # by structure was asked for, and it is not

    @property
    def is_same(self) -> bool:
        return not (self.removed or self.added or self.changed)


def compare(before: str, after: str, way: Way = Way.AUTO) -> Difference:
    """The difference of two answers. Pure, about 0.2 s at the most: call it where others may run."""
    is_cut = max(len(before), len(after)) > MOST_CHARACTERS
    before, after = before[:MOST_CHARACTERS], after[:MOST_CHARACTERS]
    if way == Way.AUTO:
        way = {"json": Way.STRUCTURE, "code": Way.LINES, "prose": Way.WORDS}[kind_of(before, after)]
    if way == Way.STRUCTURE:
        try:
            return _by_structure(structure(without_fence(before), without_fence(after)), is_cut=is_cut)
        except NotJson:
            return _by_line(before, after, is_cut=is_cut, is_not_json=True)
    return _by_line(before, after, is_cut=is_cut) if way == Way.LINES else _by_word(before, after, is_cut=is_cut)


def _by_word(before: str, after: str, *, is_cut: bool) -> Difference:
    pieces = words(before, after)
    counts = {kind: sum(len(one.text.split()) for one in pieces if one.kind == kind) for kind in ("removed", "added")}
    if not any(counts.values()):  # only spaces differ
        counts = {kind: sum(one.kind == kind for one in pieces) for kind in ("removed", "added")}
    return Difference(
        Way.WORDS,
        removed=counts["removed"],
        added=counts["added"],
        paragraphs=paragraphs(pieces[:MOST_PIECES]),
        is_cut=is_cut or len(pieces) > MOST_PIECES,
    )


def _by_line(before: str, after: str, *, is_cut: bool, is_not_json: bool = False) -> Difference:
    found = lines(before, after)
    return Difference(
        Way.LINES,
        removed=sum(line.kind == "removed" for line in found),
        added=sum(line.kind == "added" for line in found),
        groups=list(_fold(found[:MOST_LINES])),
        is_cut=is_cut or len(found) > MOST_LINES,
        is_not_json=is_not_json,
    )


def _fold(found: Sequence[Line]) -> Iterator[LineGroup]:
    """Changes with some lines around them; what is the same for longer is folded away."""
    near = [False] * len(found)
    for at, line in enumerate(found):
        if line.kind != "same":
            near[max(at - CONTEXT, 0) : at + CONTEXT + 1] = [True] * (
                min(at + CONTEXT + 1, len(found)) - max(at - CONTEXT, 0)
            )
    start = 0
    for at in range(1, len(found) + 1):
        is_full = near[start] and at - start == LINES_TOGETHER
        if at == len(found) or near[at] != near[start] or is_full:
            is_short = at - start <= CONTEXT
            yield LineGroup(found[start:at], is_folded=not near[start] and not is_short)
            start = at


def _by_structure(changes: Sequence[Change], *, is_cut: bool) -> Difference:
    counts = {kind: sum(one.kind == kind for one in changes) for kind in ("removed", "added", "changed", "same")}
    differing = [one for one in changes if one.kind != "same"]
    return Difference(
        Way.STRUCTURE,
        removed=counts["removed"],
        added=counts["added"],
        changed=counts["changed"],
        same=counts["same"],
        places=[_place(one) for one in differing[:MOST_PLACES]],
        is_cut=is_cut or len(differing) > MOST_PLACES,
    )


def _place(change: Change) -> Place:
    return Place(
        change.kind,
        path_text(change.path),
        _value(change.before) if change.kind != "added" else "",
        _value(change.after) if change.kind != "removed" else "",
    )


def path_text(path: Path) -> str:
    """`$.items[2]["odd name"]`, as JSON Path has it."""
    parts = ["$"]
    for name in path:
        if isinstance(name, int):
            parts.append(f"[{name}]")
        else:
            parts.append(f".{name}" if _NAME.fullmatch(name) else f"[{written(name)}]")
    return "".join(parts)


def _value(value: Any) -> str:
    text = written(value, indent=2)
    return text if len(text) <= MOST_OF_A_VALUE else text[:MOST_OF_A_VALUE] + "…"
