"""The words of a command line of Windows: carets as cmd reads them, then quotes and backslashes as programs of the Microsoft C
runtime do. Nothing is expanded or run.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from playground.presets.transfer.imported import BadImport
from playground.presets.transfer.snippets.words import MAX_PARTS, Command, Word

_CARETS = re.compile(r'\^\n?(?:.|\n)?|"|\n|[^\^"\n]+')
_WINDOWS_PART = re.compile(r"(?P<slashes>\\*)\"|(?P<space>\s+)|\\+|[^\s\"\\]+")


def is_windows(text: str) -> bool:
    """Whether lines go on with a caret, as in cmd."""
    return re.search(r"\^[ \t]*(?:\r?\n|$)|\^\"", text) is not None and re.search(r"\\[ \t]*\r?\n", text) is None


def read_windows(text: str) -> Command:
    """Carets first, outside double quotes, then quotes and backslashes."""
    return Command(_windows_words(_without_carets(text), doubles='^"' in text))


def _without_carets(text: str) -> str:
    made: list[str] = []
    is_quoted = False
    for match in _CARETS.finditer(text):
        piece = match.group()
        if piece[0] == "^" and not is_quoted:
            made.append(piece[-1:] if len(piece) > 1 else "")  # behind a line that goes on, too, it is taken as it is
        elif piece == "\n":
            break  # the command ends with its line
        else:
            is_quoted ^= piece.count('"') % 2 == 1
            made.append(piece)
        if len(made) > MAX_PARTS * 10:
            raise BadImport("", _("This command is too long to be read."))
    return "".join(made)


def _windows_words(line: str, *, doubles: bool) -> list[Word]:
    """`doubles`: every backslash was written twice, as browsers do when they copy a request (with `^"` for quotes)."""
    words: list[Word] = []
    word: list[str] = []
    at, is_begun, is_quoted = 0, False, False
    while match := _WINDOWS_PART.match(line, at):
        if len(word) + len(words) > MAX_PARTS:
            raise BadImport("", _("This command is too long to be read."))
        at = match.end()
        if match["slashes"] is not None:
            slashes = len(match["slashes"])
            word.append("\\" * (slashes // 2) + '"' * (slashes % 2))
            if (
                slashes % 2 == 0 and is_quoted and line[at : at + 1] == '"'
            ):  # two within a quotation are one of the text
                word.append('"')
                at += 1
            elif slashes % 2 == 0:
                is_quoted = not is_quoted
        elif match["space"] and not is_quoted:
            if is_begun:
                words.append(_windows_word("".join(word)))
            word, is_begun = [], False
            continue
        else:
            text = match.group()
            word.append("\\" * ((len(text) + 1) // 2) if doubles and text[0] == "\\" else text)
        is_begun = True
    if is_quoted:
        raise BadImport("", _("A quotation mark is not closed."))
    return [*words, _windows_word("".join(word))] if is_begun else words


def _windows_word(text: str) -> Word:
    return Word(text, re.search(r"%\w+%", text) is not None)
