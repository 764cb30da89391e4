"""Closes what is unfinished in a piece of Markdown, so that a preview of it shows no raw marks. Text in, text out."""

from __future__ import annotations

import re

# A last line of marks only: it may become a list, a heading, a rule, a fence or text, and is not worth a guess.
_ONLY_MARKS = re.compile(r"^[ \t>]*(?:[-=*+_#>|~`$:\\]+|\d{1,9}[.)]?|[-*+] \[[ xX]?\]?|!?\[)?[ \t]*$")
_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})([^\n]*)$")
_NEW_BLOCK = re.compile(r"^[ \t>]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\|)")
_DELIMITERS = re.compile(r"^[ \t>]*\|?[ \t]*:?-*:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")
_MARKS = re.compile(r"\\.?|`+|\*+|_+|~~|!?\[|\]\(|\]|<(?=https?:)", re.DOTALL)
_LINK_TARGET = re.compile(r"\s*(?:<[^>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)")
_MAX_SEGMENT_CHARS = 4_000  # of the last paragraph: marks further back are closed or will never be


def complete(source: str) -> str:
    """The text with its open inline marks closed and an unfinished last line of marks left out."""
    if is_in_fence(source):
        return _without_closing_fence(source)
    head, _, last = source.rpartition("\n")
    if not last.strip() and head.strip() and not head.endswith("\n"):
        return complete(head)
    if _ONLY_MARKS.match(last):
        table = _with_table(head, last)
        if table is not None:
            return table
        source = head
        last = head.rpartition("\n")[2]
    elif (table := _with_table(head, last)) is not None:
        return table
    start = _segment_start(source)
    return source[:start] + close_inline(source[start:])


def is_in_fence(source: str) -> bool:
    """Whether the text ends inside a code fence, one in a list or quote included."""
    marker = ""
    for line in source.split("\n"):
        if "```" not in line and "~~~" not in line:
            continue
        found = _FENCE.match(line)
        if found is None:
            continue
        run, info = found.groups()
        if not marker:
            marker = "" if run[0] == "`" and "`" in info else run
        elif run[0] == marker[0] and len(run) >= len(marker) and not info.strip():
            marker = ""
    return bool(marker)


def _without_closing_fence(source: str) -> str:
    """Inside a fence only the first marks of the closing line are left out."""
    head, newline, last = source.rpartition("\n")
    return head + newline if newline and re.match(r"^[ \t>]*[`~]{1,2}$", last) else source


def _with_table(head: str, last: str) -> str | None:
    """The text as a table if its end is a header row, alone or with a part of the delimiter row; None if it is not."""
    lines = head.split("\n") if head else []
    if lines and "|" in lines[-1] and ("-" in last or "|" in last) and _DELIMITERS.match(last):
        before = lines[-2] if len(lines) > 1 else ""
        if "|" in before and before.strip():
            return None  # a row of a table that has its delimiters
        columns = _columns(lines[-1])
        return "\n".join([*lines, _delimiter_row(lines[-1], columns)])
    is_first_row = last.lstrip(" >").startswith("|") and not (lines and "|" in lines[-1])
    if is_first_row and len(last.strip(" >|")) > 0:
        row = last.rstrip() + ("" if last.rstrip().endswith("|") else " |")
        return "\n".join([*lines, row, _delimiter_row(row, _columns(row))])
    return None


def _columns(row: str) -> int:
    return len(re.split(r"(?<!\\)\|", row.strip(" \t>").removeprefix("|").removesuffix("|")))


def _delimiter_row(row: str, columns: int) -> str:
    indent = re.match(r"[ \t>]*", row)
    return f"{indent.group() if indent else ''}|{'---|' * columns}"


def _segment_start(source: str) -> int:
    """Where the paragraph, list item, heading or cell begins that the text ends in."""
    end = len(source)
    floor = max(0, end - _MAX_SEGMENT_CHARS)
    while end > floor:
        start = source.rfind("\n", 0, end) + 1
        line = source[start:end]
        if not line.strip(" \t>"):
            return min(end + 1, len(source))
        found = _NEW_BLOCK.match(line)
        if found and found.group().endswith("|"):
            return source.rfind("|", start, len(source)) + 1
        if found:
            return start + found.end()
        end = start - 1
    return max(end, floor, 0)


def close_inline(text: str) -> str:
    """A paragraph with its open emphasis, strikes, code and links closed."""
    return _Closer(text.rstrip(" \t\n")).run()


class _Closer:
    """One pass over a paragraph, keeping the marks that wait for their other half."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.opened: list[tuple[str, int]] = []  # a mark, and where it stands

    def run(self) -> str:
        handlers = {"\\": self._escape, "`": self._code, "<": self._autolink, "]": self._bracket}
        while found := _MARKS.search(self.text, self.pos):
            mark = found.group()
            self.pos = found.end()
            if mark in {"[", "!["}:
                self.opened.append((mark, found.start()))
            else:
                handlers.get(mark[0], self._toggle)(found)
        return self._close()

    def _cut(self, end: int, appended: str = "") -> None:
        """The text ends here: what follows is not ready to be shown."""
        self.text = self.text[:end] + appended
        self.pos = len(self.text)

    def _escape(self, found: re.Match[str]) -> None:
        mark, start = found.group(), found.start()
        if len(mark) == 1:
            self._cut(start)
        elif mark[1] in "([":
            end = self.text.find("\\)" if mark[1] == "(" else "\\]", self.pos)
            if end >= 0:
                self.pos = end + 2
            elif mark[1] == "[" and not self.text[:start].rpartition("\n")[2].strip():
                self.pos = len(self.text)  # a formula of its own: the parser knows that it is open
            else:
                self._cut(start)  # half a formula says nothing

    def _code(self, found: re.Match[str]) -> None:
        mark = found.group()
        closing = next((each for each in re.finditer(r"`+", self.text[self.pos :]) if each.group() == mark), None)
        if closing:
            self.pos += closing.end()
            return
        rest = self.text[self.pos :].rstrip("`")
        self._cut(found.start(), f"{mark}{rest}{mark}" if rest.strip() else "")

    def _autolink(self, found: re.Match[str]) -> None:
        if ">" not in self.text[self.pos :]:
            self._cut(found.start(), self.text[self.pos :])

    def _bracket(self, found: re.Match[str]) -> None:
        index = next((i for i in range(len(self.opened) - 1, -1, -1) if self.opened[i][0] in {"[", "!["}), None)
        if index is None:
            return
        mark, at = self.opened[index]
        target = _LINK_TARGET.match(self.text, self.pos)
        if found.group() == "](" and target is None:  # the address is still coming: show the words only
            words = self.text[at + len(mark) : found.start()]
            inner = [(name, place - len(mark)) for name, place in self.opened[index + 1 :]]
            self._cut(at, words)
            self.opened[index:] = inner
            return
        del self.opened[index:]
        if found.group() == "](" and target:
            self.pos = target.end()

    def _toggle(self, found: re.Match[str]) -> None:
        """A run of emphasis or strike marks: closes what it can, opens what it must, goes away at the very end."""
        run, start, end = found.group(), found.start(), found.end()
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        left = len(run)
        if before and not before.isspace() and not (run[0] == "_" and after.isalnum()):
            left = self._close_run(run[0], left, is_end=not after)
        if left and not after:
            self._cut(end - left)
        elif left and not after.isspace() and not (run[0] == "_" and before.isalnum()):
            self.opened.append((run[:left], start))

    def _close_run(self, character: str, left: int, *, is_end: bool) -> int:
        """Close what the run closes; return how many of its characters are left over."""
        for index in range(len(self.opened) - 1, -1, -1):
            mark, at = self.opened[index]
            if mark[0] != character or not left:
                continue
            if len(mark) > left:
                if is_end:  # the first half of the closing mark
                    return left
                self.opened[index] = (mark[: len(mark) - left], at)
                return 0
            del self.opened[index:]
            left -= len(mark)
        return left

    def _close(self) -> str:
        """Append the other halves, innermost first; an open bracket is left out."""
        text = self.text.rstrip(" \t\n")
        for mark, at in reversed(self.opened):
            if mark in {"[", "!["}:
                text = text[:at] + text[at + len(mark) :]
            elif at + len(mark) >= len(text):
                text = text[:at].rstrip(" \t\n")
            else:
                text += mark
        return text
