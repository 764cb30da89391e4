"""Where a long open block can be cut, so that what stands before the cut need not be looked at again.

A list is cut before its last item, a table before its last row, a quote before its last block, however deep they stand; a
paragraph where no mark is open, code after a line. The rest is then parsed with a *head* before it: lines that open again
what was open at the cut, and end in a *mark*. What is rendered up to the mark is left out of the HTML of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from playground.lib.markdown_preview import close_inline

SMALL_CHARS = 700  # a rest this short is short enough: no deeper cut is looked for
INLINE_CHARS = 2_000  # a shorter paragraph is left whole
_TRIES = 8  # places looked at for the end of a paragraph's finished part
_TRY_CHARS = 100  # between them

_CONTAINERS = {"blockquote_open", "list_item_open"}
_UNITS = {
    "bullet_list_open": "item",
    "ordered_list_open": "item",
    "tbody_open": "row",
    "blockquote_open": "block",
    "list_item_open": "block",
}
_CELL = r'<td(?: class="[\w-]+")?>'
_MARKED = {
    "item": r"<li>(?:\n<p>)?{}(?:</p>\n)?</li>\n",
    "row": rf"<tr>\n{_CELL}{{}}</td>\n(?:{_CELL}</td>\n)*</tr>\n",
    "block": r"(?:<p>)?{}(?:</p>)?\n",
    "inline": r"{} ?",
    "code": r"{}\n",
}
_CODE_END = "</code></pre></figure></code-box>\n"  # as markdown_code.py renders it


@dataclass(frozen=True, slots=True)
class Cut:
    """A place in a source text, and what is on both sides of it."""

    offset: int  # the rest begins here
    done: list[Token]  # of the finished part, complete
    closing: list[Token]  # the last of these: what the rest opens again
    head: str
    kind: str
    separator: str = ""  # between the HTML of both sides

    @property
    def end(self) -> str:
        """What the HTML of the finished part ends with besides its closing tags."""
        return _CODE_END if self.kind == "code" else ""


def find_mark(html: str, mark: str, kind: str) -> int:
    """Where the HTML of the rest begins in that of head and rest; -1 when the mark is not there."""
    found = re.search(_MARKED[kind].format(mark), html)
    return found.end() if found else -1


def find_cut(tokens: list[Token], source: str, mark: str, floor: int) -> Cut | None:
    """The best place to cut `source`, whose only block `tokens` are: the outermost that leaves little, or the last there is.

    `floor` is the length of the head that `source` begins with: a cut before its end would finish nothing.
    """
    block = _Block(tokens, source, mark)
    best: Cut | None = None
    for cut in block.cuts():
        if cut.offset > floor and (best is None or cut.offset > best.offset):
            best = cut
            if len(source) - best.offset <= SMALL_CHARS:
                break
    return best


class _Block:
    """An open block, seen along the path of its last children."""

    def __init__(self, tokens: list[Token], source: str, mark: str) -> None:
        self.tokens = tokens
        self.lines = source.split("\n")
        self.mark = mark
        self.starts = [0]  # of lines, in characters
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.levels: list[list[int]] = []  # for each depth, where the last parent's children begin in `tokens`
        for index, token in enumerate(tokens):
            if token.nesting >= 0:
                del self.levels[token.level + 1 :]
                if len(self.levels) == token.level:
                    self.levels.append([])
                self.levels[token.level].append(index)

    def cuts(self) -> Iterator[Cut]:
        """From the outermost to the innermost."""
        for depth in range(1, len(self.levels)):
            parent = self.tokens[self.levels[depth - 1][-1]]
            if len(self.levels[depth]) > 1 and (kind := _UNITS.get(parent.type)):
                cut = self._before_last(depth, kind)
                if cut is not None:
                    yield cut
        leaf = self.tokens[self.levels[-1][-1]]
        cut = (
            self._in_paragraph(leaf) if leaf.type == "inline" else self._in_code(leaf) if leaf.type == "fence" else None
        )
        if cut is not None:
            yield cut

    # --- kinds of cuts ---

    def _before_last(self, depth: int, kind: str) -> Cut | None:
        before, last = self._last_whole(self.levels[depth])
        if not last:
            return None
        line = _first_line(self.tokens[last])
        inner = depth - 1 if kind == "row" else depth
        around = self._containers(inner)
        if kind == "item":
            at = _first_line(self.tokens[before])
            own = _numbered_one(self._prefix(at, around, extra=1)).rstrip() + f" {self.mark}\n"
        elif kind == "row":
            at = _first_line(self.tokens[self.levels[depth - 2][-1]])
            prefix = self._prefix(at, around)
            own = self.lines[at] + "\n" + self.lines[at + 1] + "\n" + _continued(prefix) + f"| {self.mark} |\n"
        else:
            at = _first_line(around[-1])
            prefix = self._prefix(at, around)
            gap = "" if self.lines[line - 1].strip(" \t>") else _continued(prefix).rstrip() + "\n"
            own = prefix + self.mark + "\n" + gap
        done = self.tokens[:last] + self.tokens[-depth:]
        separator = "\n" if self.tokens[last - 1].hidden else ""
        return Cut(self.starts[line], done, self.tokens[-depth:], self._opened(at, around) + own, kind, separator)

    def _last_whole(self, units: list[int]) -> tuple[int, int]:
        """The last unit whose first line is complete, and the one before it; zeros when there are no two."""
        for before, last in zip(units[-2::-1], units[:0:-1], strict=True):
            if 0 < _first_line(self.tokens[last]) < len(self.lines) - 1:
                return before, last
        return 0, 0

    def _in_paragraph(self, inline: Token) -> Cut | None:
        """After the last words that no open mark reaches, or in the middle of what is marked if all of it is."""
        paragraph = self.tokens[self.levels[-2][-1]]
        if paragraph.type != "paragraph_open" or len(inline.content) < INLINE_CHARS:
            return None
        content = inline.content
        if (end := _end_of_words(content)) <= 0:
            return None
        depth = len(self.levels) - 1
        around = self._containers(depth - 1)
        at = _first_line(paragraph)
        prefix = self._prefix(at, around)
        own = prefix + self.mark + " "
        if not paragraph.hidden and any(_first_line(each) < at for each in around):
            own = _continued(prefix).rstrip() + "\n" + own
        done = list(self.tokens)
        done[self.levels[-1][-1]] = inline.copy(content=close_inline(content[:end]), children=[])
        line = at + content.count("\n", 0, end)
        left = len(content[end:].split("\n", 1)[0].rstrip())
        offset = self.starts[line] + len(self.lines[line].rstrip()) - left
        return Cut(offset, done, self.tokens[-depth:], self._opened(at, around) + own, "inline", content[end - 1])

    def _in_code(self, fence: Token) -> Cut | None:
        at = _first_line(fence)
        around = self._containers(depth := len(self.levels) - 1)
        last = len(self.lines) - 1  # this one may go on
        if last - at < 2 or fence.content.count("\n") != last - at - 1:  # nothing to cut, or it is closed
            return None
        length = fence.content.rfind("\n") + 1
        own = self.lines[at] + "\n" + _continued(self._prefix(at, around)) + self.mark + "\n"
        done = [*self.tokens]
        done[self.levels[-1][-1]] = fence.copy(content=fence.content[:length])
        closing = self.tokens[-depth:] if depth else []
        return Cut(self.starts[last], done, closing, self._opened(at, around) + own, "code")

    # --- what the rest is opened with ---

    def _containers(self, depth: int) -> list[Token]:
        """Quotes and list items around what stands at that depth."""
        path = [self.tokens[level[-1]] for level in self.levels[:depth]]
        return [token for token in path if token.type in _CONTAINERS]

    def _opened(self, line: int, around: list[Token]) -> str:
        """Lines that open the containers which begin before `line`, each with a word in it."""
        opened = sorted({_first_line(token) for token in around if _first_line(token) < line})
        prefixes = [self._prefix(each, around) for each in opened]
        return "".join((_numbered_one(each) if index else each) + "x\n" for index, each in enumerate(prefixes))

    def _prefix(self, line: int, around: list[Token], *, extra: int = 0) -> str:
        """The beginning of a line up to its text: the marks of quotes and of what is opened in this line."""
        marks = extra
        for token in around:
            start = _first_line(token)
            marks += start == line or (start < line and token.type == "blockquote_open")
        pattern = rf"(?:[ \t]*(?:>|[-*+](?=[ \t]|$)|\d{{1,9}}[.)](?=[ \t]|$))){{0,{marks}}}[ \t]*"
        found = re.match(pattern, self.lines[line])
        return found.group() if found else ""


def _first_line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _numbered_one(prefix: str) -> str:
    """Only an item with that number can follow text at once."""
    return re.sub(r"\d+(?=[.)])", "1", prefix)


def _continued(prefix: str) -> str:
    """What the following lines of the same containers begin with."""
    return re.sub(r"[^>\t]", " ", prefix)


def _end_of_words(content: str) -> int:
    """Where the rest of a paragraph may begin: at a word that cannot be taken for the beginning of another block."""
    places = [found.end() for found in re.finditer(r"\s(?=[^\W\d_])", content)]
    chosen: list[int] = []
    for place in reversed(places):
        if len(content) - place >= _TRY_CHARS and (not chosen or chosen[-1] - place >= _TRY_CHARS):
            chosen.append(place)
        if len(chosen) == _TRIES:
            break
    safe = (place for place in chosen if close_inline(content[:place]) == content[:place].rstrip(" \t\n"))
    return next(safe, chosen[0] if chosen else 0)
