"""What differs between two JSON texts: by path, whatever the order of names and the spaces between.

Numbers are compared as they are written. Elements of arrays are aligned, so that one put in front is one change and not as many
as there are elements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from rapidfuzz.distance import LCSseq

Kind = Literal["same", "added", "removed", "changed"]
Path = tuple[str | int, ...]

MOST_DEPTH = 100
MOST_CELLS = 2**24  # of aligning two arrays; longer ones are compared place by place


class Number(str):
    """A number as it is written: no digit is lost, and none takes a minute to read."""

    __slots__ = ()


class Change(NamedTuple):
    """One place. "same" stands for the greatest part that is the same, with all that is in it."""

    kind: Kind
    path: Path  # in the text it is found in; of both, in the second
    before: Any  # None when it was added
    after: Any  # None when it was removed
    path_before: Path  # in the first text


class NotJson(ValueError):
    """Not an object or an array, or nothing that has one meaning: names twice, too deep."""


def parse(text: str) -> Any:
    """An object or an array; numbers as `Number`. Raises NotJson."""
    try:
        value = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=_refuse, object_pairs_hook=_members
        )
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    if not isinstance(value, (dict, list)):
        raise NotJson("neither an object nor an array")
    _check_depth(value)
    return value


def structure(a: str, b: str) -> list[Change]:
    """All places of both texts in the order of the second, removed ones where they were. Raises NotJson."""
    old, new = parse(a), parse(b)
    numbers = _Numbers()
    numbers.add(old)
    numbers.add(new)
    return list(_compare(old, new, (), (), numbers))


def written(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON text, numbers as they were written."""
    return "".join(_write(value, indent, 0))


class _Numbers:
    """A number for each different value: what is equal has the same one. Values must live as long as this does."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self._of: dict[int, int] = {}

    def add(self, value: Any) -> int:
        key: Any
        if isinstance(value, dict):
            key = ("object", frozenset((name, self.add(one)) for name, one in value.items()))
        elif isinstance(value, list):
            key = ("array", tuple(self.add(one) for one in value))
        else:
            return self._known.setdefault(_scalar(value), len(self._known))
        number = self._known.setdefault(key, len(self._known))
        self._of[id(value)] = number
        return number

    def of(self, value: Any) -> int:
        if isinstance(value, (dict, list)):
            return self._of[id(value)]
        return self._known[_scalar(value)]


def _scalar(value: Any) -> tuple[str, Any]:
    return (type(value).__name__, value)  # true is not 1


def _compare(old: Any, new: Any, path_old: Path, path: Path, numbers: _Numbers) -> Iterator[Change]:
    if numbers.of(old) == numbers.of(new):
        yield Change("same", path, old, new, path_old)
    elif isinstance(old, dict) and isinstance(new, dict) and old and new:
        yield from _compare_objects(old, new, path_old, path, numbers)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _compare_arrays(old, new, path_old, path, numbers)
    else:
        yield Change("changed", path, old, new, path_old)


def _compare_objects(
    old: dict[str, Any], new: dict[str, Any], path_old: Path, path: Path, numbers: _Numbers
) -> Iterator[Change]:
    for name, value in old.items():
        if name in new:
            yield from _compare(value, new[name], (*path_old, name), (*path, name), numbers)
        else:
            yield Change("removed", (*path_old, name), value, None, (*path_old, name))
    for name, value in new.items():
        if name not in old:
            yield Change("added", (*path, name), None, value, (*path, name))


def _compare_arrays(old: list[Any], new: list[Any], path_old: Path, path: Path, numbers: _Numbers) -> Iterator[Change]:
    for i, end_i, j, end_j in _stretches([numbers.of(one) for one in old], [numbers.of(one) for one in new]):
        both = min(end_i - i, end_j - j)
        for k in range(both):
            yield from _compare(old[i + k], new[j + k], (*path_old, i + k), (*path, j + k), numbers)
        for k in range(i + both, end_i):
            yield Change("removed", (*path_old, k), old[k], None, (*path_old, k))
        for k in range(j + both, end_j):
            yield Change("added", (*path, k), None, new[k], (*path, k))


def _stretches(old: Sequence[int], new: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of both that stand for each other: what is the same, and what lies between."""
    if len(old) * len(new) > MOST_CELLS:
        yield 0, len(old), 0, len(new)
        return
    i = j = 0
    for block in LCSseq.opcodes(old, new):
        if block.tag == "equal":
            yield i, block.src_start, j, block.dest_start
            yield block.src_start, block.src_end, block.dest_start, block.dest_end
            i, j = block.src_end, block.dest_end
    yield i, len(old), j, len(new)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a name twice in one object")
    return found


def _refuse(word: str) -> Any:
    raise NotJson(f"{word} is no JSON")


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MOST_DEPTH):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [child for children in inner for child in children if isinstance(child, (dict, list))]
        if not level:
            return
    raise NotJson("too deep")


def _write(value: Any, indent: int | None, depth: int) -> Iterator[str]:
    if isinstance(value, Number):
        yield str(value)
    elif isinstance(value, (dict, list)) and value:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        line = "" if indent is None else "\n" + " " * indent * (depth + 1)
        yield opening
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for number, (name, one) in enumerate(items):
            yield ("," if indent is not None else ", ") * bool(number) + line
            if isinstance(value, dict):
                yield _quoted(name) + ": "
            yield from _write(one, indent, depth + 1)
        yield (line[: len(line) - indent] if indent is not None else "") + closing
    elif isinstance(value, str):
        yield _quoted(value)
    else:
        yield json.dumps(value)


def _quoted(text: str) -> str:
    """In its own letters; half of a surrogate pair, which JSON can name and no encoder takes, by its number."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)
