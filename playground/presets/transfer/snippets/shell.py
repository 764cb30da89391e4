"""The words of a command line of a POSIX shell: quotes and escapes read, nothing expanded or run.

IEEE Std 1003.1, "Shell Command Language", 2.2 Quoting, and the `$'…'` of bash.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from playground.presets.transfer.imported import BadImport
from playground.presets.transfer.snippets.words import MAX_PARTS, Command, Word

_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([A-Za-z_][\w]*))")
# "$(cat <<'EOF' … EOF … )": the way in which a long body is put into an argument.
_CAT = re.compile(r"\$\(\s*cat\s*<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([A-Za-z_][\w]*))[^\n]*\n")
_ANSI = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}\n]{1,80}\}|\()|`")
_PLAIN = re.compile(r"[^\s'\"\\$`<>|;&()#]+")
_ENDS = ("|", ";", "&", ">", ")")


def read_posix(text: str) -> Command:
    """The first command of `text`. Raises BadImport with the place where a quotation does not end."""
    return _Posix(text).command()


class _Posix:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._left = MAX_PARTS
        self._made: list[str] | None = None
        self._has_variable = False
        self._command = Command()
        self._delimiter: tuple[str, bool] | None = (
            None  # of the here-document whose body is still to come; tabs stripped
        )

    def command(self) -> Command:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "\n":
                self._end_word()
                if self._delimiter or self._command.words:
                    break
                self._at += 1
            elif char in " \t":
                self._end_word()
                self._at += 1
            elif char == "#" and self._made is None:
                self._at = self._next(r"\n|\Z")
            elif self._starts_heredoc():
                continue
            elif char in _ENDS:
                self._end_word()
                if self._delimiter is None:
                    break
                self._at = self._next(r"\n|\Z")
            else:
                self._part(char)
        self._end_word()
        self._read_heredoc()
        return self._command

    def _part(self, char: str) -> None:
        """One quoted or plain part of a word."""
        self._count()
        if char == "'":
            self._add(self._until("'"))
        elif self._text.startswith("$'", self._at):
            self._at += 1
            self._add(_ansi(self._until("'", escapes=True)))
        elif char == '"' or self._text.startswith('$"', self._at):
            self._at += char == "$"
            self._double()
        elif char == "\\":
            following = self._text[self._at + 1 : self._at + 2]
            self._add("" if following == "\n" else following)
            self._at += 2
        else:
            self._has_variable = self._has_variable or _VARIABLE.match(self._text, self._at) is not None
            plain = _PLAIN.match(self._text, self._at)
            self._add(plain.group() if plain else char)
            self._at = plain.end() if plain else self._at + 1

    def _double(self) -> None:
        start = self._at
        self._at += 1
        while self._text[self._at : self._at + 1] != '"':
            if self._at >= len(self._text):
                raise self._unclosed(start)
            if match := _CAT.match(self._text, self._at):
                self._cat(match)
                continue
            self._count()
            char = self._text[self._at]
            if char == "\\" and self._text[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\", "\n"):
                following = self._text[self._at + 1]
                self._add("" if following == "\n" else following)
                self._at += 2
                continue
            self._has_variable = self._has_variable or _VARIABLE.match(self._text, self._at) is not None
            end = self._next(r'["\\$`]', self._at + 1)
            self._add(self._text[self._at : end])
            self._at = end
        self._at += 1

    def _cat(self, match: re.Match[str]) -> None:
        self._at = match.end()
        name = match.group(2) or match.group(3) or match.group(4)
        self._add(self._body(name, bool(match.group(1))).rstrip("\n"))
        self._at = self._next(r"\)", self._at) + 1

    def _starts_heredoc(self) -> bool:
        """`<<EOF`, whose body begins in the next line, or `<<< text`."""
        if self._text[self._at] != "<":
            return False
        self._end_word()
        if self._text.startswith("<<<", self._at):
            self._at += 3
            before = len(self._command.words)
            self._at = self._next(r"[^ \t]", self._at)
            while self._at < len(self._text) and self._text[self._at] not in " \t\n":
                self._part(self._text[self._at])
            self._end_word()
            self._command.standard_input = self._command.words.pop() if len(self._command.words) > before else None
        elif match := _HEREDOC.match(self._text, self._at):
            self._delimiter = (match.group(2) or match.group(3) or match.group(4), bool(match.group(1)))
            self._at = match.end()
        else:
            self._at += 1
        return True

    def _read_heredoc(self) -> None:
        if self._delimiter is None:
            return
        self._at = self._next(r"\n|\Z") + 1
        self._command.standard_input = Word(self._body(*self._delimiter))

    def _body(self, name: str, strips_tabs: bool) -> str:
        """The lines up to the one that is `name`; `_at` behind it. Without that line: to the end."""
        tabs = r"\t*" if strips_tabs else ""
        last = re.compile(rf"^{tabs}{re.escape(name)}[ \t]*$", re.MULTILINE).search(self._text, self._at)
        body = self._text[self._at : last.start() if last else len(self._text)]
        self._at = last.end() if last else len(self._text)
        return re.sub(r"^\t+", "", body, flags=re.MULTILINE) if strips_tabs else body

    def _until(self, quote: str, *, escapes: bool = False) -> str:
        """What stands up to the closing quote; `_at` behind it."""
        start = self._at
        end = start + 1
        while self._text[end : end + 1] != quote:
            if end >= len(self._text):
                raise self._unclosed(start)
            end += 2 if escapes and self._text[end] == "\\" else 1
            end = min(end, len(self._text))
            if not escapes:
                found = self._text.find(quote, end)
                end = found if found >= 0 else len(self._text)
        self._at = end + 1
        return self._text[start + 1 : end]

    def _next(self, pattern: str, start: int | None = None) -> int:
        match = re.compile(pattern).search(self._text, self._at if start is None else start)
        return match.start() if match else len(self._text)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise BadImport("", _("This command is too long to be read."))

    def _add(self, text: str) -> None:
        if self._made is None:
            self._made = []
        self._made.append(text)

    def _end_word(self) -> None:
        if self._made is not None:
            self._command.words.append(Word("".join(self._made), self._has_variable))
        self._made, self._has_variable = None, False

    def _unclosed(self, at: int) -> BadImport:
        line = self._text.count("\n", 0, at) + 1
        column = at - (self._text.rfind("\n", 0, at) + 1) + 1
        return BadImport("", _("A quotation mark is not closed."), line, column)


def _ansi(inner: str) -> str:
    """The escapes of `$'…'`. Bytes of UTF-8 that are written one by one (`\\xc3\\xa9`) become their characters."""
    made = _ANSI.sub(_ansi_escape, inner)
    if any("\udc80" <= char <= "\udcff" for char in made):
        made = made.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return made


def _ansi_escape(match: re.Match[str]) -> str:
    escape = match.group(1)
    if escape[0] in "uU":
        code = int(escape[1:], 16) if len(escape) > 1 else ord(escape)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if escape[0] == "x" and len(escape) > 1:
        return _byte(int(escape[1:], 16))
    if escape[0] in "01234567":
        return _byte(int(escape, 8) & 0xFF)
    if escape[0] == "c" and len(escape) > 1:
        return chr(ord(escape[1]) & 0x1F)
    return _ANSI_PLAIN.get(escape, escape)


def _byte(code: int) -> str:
    return chr(code) if code < 0x80 else chr(0xDC00 + code)
