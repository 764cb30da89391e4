"""What differs between two texts: word by word for prose, line by line for code.

Pieces that are not "added" make up the first text exactly, those that are not "removed" the second. Alignment costs the product
of both lengths (over 64, one bit a cell), so it is bounded: what is longer is first cut at words that both texts have once, then
in halves. That may find a difference that is not the smallest; it still puts both texts together again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import LCSseq

Kind = Literal["same", "added", "removed"]

MOST_CELLS = 2**26  # of one alignment: 8 MB, some milliseconds in which no other thread runs
MOST_CUTS = 3  # how often a part is cut at words that stand once in it; then it is halved
CHANCE = 3  # words that both have by chance: the change on either side is so many times as long
ALIKE = 0.4  # of the characters of a changed block of lines; below it, marks within lines only confuse
PARAGRAPH = "\n\n"

# Words of scripts without spaces would be whole clauses: there, each letter is one. Marks that combine stay with their letter.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u2e80-\u303f\u3041-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "[\u0300-\u036f\ufe0f\u200d]*"
_OPEN = r"!-/:-@\[-^`{-~\u2010-\u205e"  # punctuation that ends a word; the underscore does not
_UNIT = re.compile(rf"([{_DENSE}]{_MARKS}|[^\s{_OPEN}{_DENSE}]+|\S{_MARKS}|)(\s*)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

Unit = tuple[str, str]  # a word or a mark, and the space after it
Block = tuple[int, int, int]  # so many are the same from this place of the first and that of the second


class Piece(NamedTuple):
    kind: Kind
    text: str


class Line(NamedTuple):
    kind: Kind
    before: int | None  # its number in the first text, from 1
    after: int | None  # and in the second
    pieces: tuple[Piece, ...]  # with the line's end

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def words(a: str, b: str) -> list[Piece]:
    """The difference word by word, what was removed before what was added in its place. Some 0.1 s for 100 kB of each."""
    if a == b:
        return [Piece("same", a)] if a else []
    old, new = _units(a), _units(b)
    blocks = _matches(*_numbers([word for word, _space in old], [word for word, _space in new]))
    pieces = _Pieces()
    at_old = at_new = 0
    for i, j, length in [*_without_chance(blocks, old, new), (len(old), len(new), 0)]:
        pieces.change(_text(old[at_old:i]), _text(new[at_new:j]))
        at_old, at_new = i + length, j + length
        for k in range(length):
            pieces.same(old[i + k], new[j + k])
    return pieces.done()


def lines(a: str, b: str) -> list[Line]:
    """The difference line by line; a changed line has the words in it that were removed or added."""
    old, new = _LINE.findall(a), _LINE.findall(b)
    found: list[Line] = []
    at_old = at_new = 0
    for i, j, length in [*_matches(*_numbers(old, new)), (len(old), len(new), 0)]:
        found += _changed_lines(old[at_old:i], new[at_new:j], at_old, at_new)
        at_old, at_new = i + length, j + length
        found += [Line("same", i + k + 1, j + k + 1, (Piece("same", old[i + k]),)) for k in range(length)]
    return found


def paragraphs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The same pieces, cut after empty lines, so that a page can draw what is seen of them."""
    found: list[list[Piece]] = [[]]
    for kind, text in pieces:
        parts = re.findall(r"(?s).*?\n\n|.+", text)
        for part in parts:
            found[-1].append(Piece(kind, part))
            if part.endswith(PARAGRAPH):
                found.append([])
    return [one for one in found if one]


class _Pieces:
    """Neighbours of one kind joined; between two that are the same, at most one removed and one added."""

    def __init__(self) -> None:
        self._done: list[Piece] = []
        self._same: list[str] = []
        self._removed: list[str] = []
        self._added: list[str] = []

    def change(self, removed: str, added: str) -> None:
        """What stands in each other's place; the space that both end with is the same."""
        if not removed and not added:
            return
        tail = _common(_end_space(removed), _end_space(added))
        self._flush_same()
        self._removed.append(removed[: len(removed) - tail])
        self._added.append(added[: len(added) - tail])
        if tail:
            self._flush_change()
            self._same.append(removed[-tail:])

    def same(self, old: Unit, new: Unit) -> None:
        """A word that both have; the space after it may differ."""
        if self._removed or self._added:
            self._flush_change()
        self._same.append(old[0])
        if old[1] == new[1]:
            self._same.append(old[1])
            return
        common = _common(old[1], new[1])
        self._same.append(old[1][:common])
        self.change(old[1][common:], new[1][common:])

    def done(self) -> list[Piece]:
        self._flush_same()
        self._flush_change()
        return self._done

    def _flush_same(self) -> None:
        if text := "".join(self._same):
            self._done.append(Piece("same", text))
        self._same.clear()

    def _flush_change(self) -> None:
        if removed := "".join(self._removed):
            self._done.append(Piece("removed", removed))
        if added := "".join(self._added):
            self._done.append(Piece("added", added))
        self._removed.clear()
        self._added.clear()


def _end_space(text: str) -> str:
    """The space that `text` ends with, from its end."""
    return text[len(text.rstrip()) :][::-1]


def _units(text: str) -> list[Unit]:
    return [unit for unit in _UNIT.findall(text) if unit != ("", "")]


def _text(units: Sequence[Unit]) -> str:
    return "".join(word + space for word, space in units)


def _without_chance(blocks: Sequence[Block], old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[Block]:
    """Without the few words, and the marks, that two rewritten stretches have in common by chance: they only shred both."""
    at_old = at_new = 0
    for number, (i, j, length) in enumerate(blocks):
        end_old, end_new = (blocks[number + 1][:2]) if number + 1 < len(blocks) else (len(old), len(new))
        before = (i - at_old, j - at_new)
        after = (end_old - i - length, end_new - j - length)
        is_between = all(before) and all(after)
        is_chance = length * CHANCE <= min(max(before), max(after)) or not any(
            character.isalnum() for word, _space in old[i : i + min(length, CHANCE)] for character in word
        )
        if is_between and is_chance and length <= CHANCE * CHANCE:
            continue
        yield i, j, length
        at_old, at_new = i + length, j + length


def _changed_lines(removed: Sequence[str], added: Sequence[str], at_old: int, at_new: int) -> Iterator[Line]:
    """Lines that stand in each other's place: first all that went, then all that came."""
    gone: Sequence[tuple[Piece, ...]] = [(Piece("removed", line),) for line in removed]
    come: Sequence[tuple[Piece, ...]] = [(Piece("added", line),) for line in added]
    if removed and added:
        pieces = words("".join(removed), "".join(added))
        shared = sum(len(text) for kind, text in pieces if kind == "same")
        if shared >= ALIKE * max(sum(map(len, removed)), sum(map(len, added))):
            gone, come = _cut(pieces, "added"), _cut(pieces, "removed")
    for number, one in enumerate(gone):
        yield Line("removed", at_old + number + 1, None, one)
    for number, one in enumerate(come):
        yield Line("added", None, at_new + number + 1, one)


def _cut(pieces: Sequence[Piece], other: Kind) -> list[tuple[Piece, ...]]:
    """The pieces that are not of the kind `other`, a tuple for each line."""
    found: list[list[Piece]] = [[]]
    for kind, text in pieces:
        if kind == other:
            continue
        for part in _LINE.findall(text):
            found[-1].append(Piece(kind, part))
            if part.endswith("\n"):
                found.append([])
    return [tuple(one) for one in found if one]


# --- alignment ---


def _numbers(a: Sequence[str], b: Sequence[str]) -> tuple[list[int], list[int]]:
    """A number for each text, so that comparing them costs nothing."""
    known: dict[str, int] = {}
    return [known.setdefault(one, len(known)) for one in a], [known.setdefault(one, len(known)) for one in b]


def _matches(a: Sequence[int], b: Sequence[int]) -> list[Block]:
    """Stretches that both have, in order; neighbours are joined."""
    found: list[Block] = []
    for i, j, length in _align(a, b, 0, 0, MOST_CUTS):
        if found and (last := found[-1])[0] + last[2] == i and last[1] + last[2] == j:
            found[-1] = (last[0], last[1], last[2] + length)
        elif length:
            found.append((i, j, length))
    return found


def _align(a: Sequence[int], b: Sequence[int], at_a: int, at_b: int, cuts: int) -> Iterator[Block]:
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    yield at_a, at_b, head
    end_a, end_b = len(a) - tail, len(b) - tail
    yield from _align_middle(a[head:end_a], b[head:end_b], at_a + head, at_b + head, cuts)
    yield at_a + end_a, at_b + end_b, tail


def _align_middle(a: Sequence[int], b: Sequence[int], at_a: int, at_b: int, cuts: int) -> Iterator[Block]:
    if not a or not b:
        return
    if len(a) * len(b) <= MOST_CELLS:
        for block in LCSseq.opcodes(a, b):
            if block.tag == "equal":
                yield at_a + block.src_start, at_b + block.dest_start, block.src_end - block.src_start
        return
    anchors = _anchors(a, b) if cuts else []
    if not anchors:
        anchors = [(len(a) // 2, len(b) // 2)]
    ends = [*anchors, (len(a), len(b))]
    for (i, j), (end_i, end_j) in zip([(0, 0), *anchors], ends, strict=True):
        yield from _align(a[i:end_i], b[j:end_j], at_a + i, at_b + j, max(cuts - 1, 0))


def _anchors(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Places of what stands once in each, as many as keep their order (patience)."""
    often_a, often_b = Counter(a), Counter(b)
    places = {one: place for place, one in enumerate(b) if often_b[one] == 1}
    pairs = [(place, places[one]) for place, one in enumerate(a) if often_a[one] == 1 and one in places]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second numbers rise; the first ones do already."""
    tops: list[int] = []  # the smallest second number that ends a run of each length
    ends: list[int] = []  # and the pair it belongs to
    before: list[int] = []
    for number, (_first, second) in enumerate(pairs):
        length = bisect_left(tops, second)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [second]
        ends[length : length + 1] = [number]
    run: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def _common(a: Sequence[object], b: Sequence[object]) -> int:
    """How many are the same from the beginning."""
    length = min(len(a), len(b))
    if a[:length] == b[:length]:
        return length
    return next(place for place in range(length) if a[place] != b[place])
