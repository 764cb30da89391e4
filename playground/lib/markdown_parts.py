"""The finished part of a long open block: HTML that is made once, and what is needed to go on from there."""

from __future__ import annotations

import secrets

from playground.lib.markdown_cut import Cut, find_cut, find_mark
from playground.lib.markdown_parser import Blocks


class Parts:
    """HTML of an open block up to a cut. It takes the tail's place there: the tail is only what comes after."""

    def __init__(self) -> None:
        self.html = ""  # without the closing tags
        self.end = ""  # these
        self.chars = 0  # of Markdown that it stands for
        self.kind = ""  # of the last cut
        self.head = ""
        self._mark = f"m{secrets.token_hex(8)}"  # nobody can write it before it stands in the head

    def __bool__(self) -> bool:
        return bool(self.chars)

    def source(self, tail: str) -> str:
        """Markdown that can be parsed by itself."""
        return self.head + tail

    def find_cut(self, blocks: Blocks, source: str) -> Cut | None:
        return find_cut(blocks[0], source, self._mark, len(self.head))

    def join(self, html: str) -> str:
        """The whole block's HTML, given that of a `source`."""
        if not self.chars:
            return html
        at = find_mark(html, self._mark, self.kind)
        rest = html[max(at, 0) :]
        if at < 0 or (self.kind == "inline" and not self._closes_paragraph(rest)):
            return self.html + self.end + html.replace(self._mark, "")
        return self.html + rest

    def add(self, cut: Cut, html: str, closing_tags: str) -> bool:
        """Take in what stands before the cut, given its HTML. False, and nothing is changed, when it does not fit."""
        whole = self.join(html)
        end = cut.end + closing_tags
        if not whole.endswith(end):
            return False
        self.html = whole.removesuffix(end) + cut.separator
        self.end = end
        self.chars += cut.offset - len(self.head)
        self.head = cut.head
        self.kind = cut.kind
        return True

    def _closes_paragraph(self, rest: str) -> bool:
        """Whether the rest closes the paragraph it begins in just as the finished part would."""
        return rest.count("</p>") - rest.count("<p>") == self.end.startswith("</p>")
