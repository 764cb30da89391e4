"""What is open at the end of an answer that is still being written: the block as a caller shows it, the fence it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

NOTHING = SafeString("")

_FENCE_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """The block that is still being written.

    html      what stands in its place: an empty code box ("code"), or the preview made last ("html"; may be "")
    text      what comes after it as plain text: into the box's `<code>`, or after the preview. It only grows as long
              as `revision` is the same, so a caller who has shown n characters sends `text[n:]`
    revision  another number when `html` is another
    """

    kind: Literal["none", "html", "code"]
    html: SafeString = NOTHING
    text: str = ""
    language: str = ""
    revision: int = 0


@dataclass(slots=True)
class Fence:
    """An open code fence at the top level."""

    marker: str
    indent: int
    language: str

    def is_closed_by(self, line: str) -> bool:
        found = _FENCE_OPENING.match(line)
        return bool(found and found[1].startswith(self.marker) and not found[2].strip(" \t"))

    def content(self, line: str) -> str:
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(spaces, self.indent) :]

    def may_close(self, partial: str) -> bool:
        """Whether a line that has not ended yet could still become the closing one."""
        return bool(re.fullmatch(rf" {{0,3}}{re.escape(self.marker[0])}*[ \t]*", partial))


def fence_opening(line: str) -> re.Match[str] | None:
    """Marker and info string of a line that opens a code fence."""
    found = _FENCE_OPENING.match(line)
    return None if found is None or (found[1][0] == "`" and "`" in found[2]) else found
