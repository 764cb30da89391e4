"""Markdown of an answer while it is being written, block by block, at a cost that is linear in its length.

A finished top-level block is rendered once. What is still open is the caller's to show: as code that grows, or as a
preview that is made only when asked for. Pure and synchronous; one object serves one answer and one thread at a time.

Why the last block stays open: a paragraph may still become a heading (setext), a list loose, a line a table, a quote
longer. Everything before it is final, with one exception: a link whose target is defined further down. So at the end
`render()` of the whole text takes the place of what was shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString
from markdown_it.token import Token

from playground.lib.markdown import check_size, code_box, normalise, render_tokens
from playground.lib.markdown_code import language_of
from playground.lib.markdown_parser import Budget, Env, TooExpensive, parse_blocks
from playground.lib.markdown_preview import complete, join_parts, safe_cut

QUICK_CHARS = 2_000  # an open block up to this size is previewed afresh whenever asked
_DONE_CHARS = 1_000  # of a list or table: what is longer is rendered once, up to its last item, and kept
_PREVIEW_GROWTH = 32  # a longer one when it has grown by this part, which bounds what all its previews cost and weigh
_PARSE_GROWTH = 2  # when nothing could be finished, the next attempt waits until the text has grown by half
HIGHLIGHT_CHARS = (
    8_000  # longer code gets its colours from the render at the end: highlighting it takes more than 10 ms
)
MAX_PART_CHARS = 4_000  # of one item, row or paragraph: a longer one is rendered only when it has doubled …
MAX_PREVIEW_CHARS = 16_000  # … and beyond this only grows as plain text

_LIST_MARK = re.compile(r"(?:\d{1,9})?([-*+.)])[ \t]")
_FENCE_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")


_NOTHING = SafeString("")


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """The block that is still being written.

    html      what stands in its place: an empty code box ("code"), or the preview made last ("html"; may be "")
    text      what comes after it as plain text: into the box's `<code>`, or after the preview. It only grows as long
              as `revision` is the same, so a caller who has shown n characters sends `text[n:]`
    revision  another number when `html` is another
    """

    kind: Literal["none", "html", "code"]
    html: SafeString = _NOTHING
    text: str = ""
    language: str = ""
    revision: int = 0


@dataclass(slots=True)
class _Done:
    """The part of a long open list or table that its previews need not render again."""

    html: str = ""
    chars: int = 0  # of the open block that it covers
    head: str = ""  # lines that the rest needs before it: a table's header

    def rest_of(self, tail: str) -> str:
        return self.head + tail[self.chars :]


@dataclass(slots=True)
class _Fence:
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


class MarkdownStream:
    """Feed it deltas; read `blocks` (final, append-only) and `open_block()` or `preview()`. It keeps no text but the open block's."""

    def __init__(self) -> None:
        self.blocks: list[SafeString] = []
        self._held = ""  # a CR or half a surrogate pair at the end of a delta: normalised with what follows
        self._lines: list[str] = []  # complete lines of the open block
        self._lines_chars = 0
        self._partial: list[str] = []  # the line that has not ended
        self._fence: _Fence | None = None
        self._code: list[str] = []  # content of the open fence, line by line
        self._next_parse = 0
        self._env: Env = {"references": {}, "highlight_limit": HIGHLIGHT_CHARS}
        self._source_chars = self._html_chars = 0
        self._is_stuck = False  # too expensive to go on: the rest stays text until the end
        self._preview = _NOTHING
        self._previewed_chars = 0
        self._done = _Done()
        self._revision = 0

    # --- what comes in ---

    def feed(self, delta: str) -> None:
        """Add what has arrived: any amount, cut anywhere."""
        if not delta:
            return
        delta = self._held + delta
        self._held = delta[-1] if delta[-1] == "\r" or "\ud800" <= delta[-1] <= "\udbff" else ""
        text = normalise(delta[: len(delta) - len(self._held)])
        self._source_chars += len(text)
        *lines, rest = text.split("\n")
        needs_parse = False
        for line in lines:
            needs_parse |= self._end_line("".join(self._partial) + line)
            self._partial.clear()
        if rest:
            self._partial.append(rest)
        if needs_parse and self._fence is None:
            self._advance()

    def _end_line(self, line: str) -> bool:
        """Take a complete line; say whether blocks may be finished now."""
        self._lines.append(line)
        self._lines_chars += len(line) + 1
        if self._fence is not None:
            if not self._fence.is_closed_by(line):
                self._code.append(self._fence.content(line))
                return False
            self._fence = None
            self._next_parse = 0
            self._advance(is_closed=True)
            return False
        follows_blank = len(self._lines) > 1 and not self._lines[-2].strip(" \t")
        opening = _FENCE_OPENING.match(line)
        is_fence = bool(opening and not (opening[1][0] == "`" and "`" in opening[2]))
        if not (is_fence or (follows_blank and line.strip(" \t"))) or self._goes_on(line):
            return False
        if is_fence:  # before the next line comes: it belongs to the code
            self._advance()
        return not is_fence

    def _goes_on(self, line: str) -> bool:
        """Whether a line plainly belongs to the list that is open, so that parsing would finish nothing."""
        first = _LIST_MARK.match(next((each for each in self._lines if each.strip(" \t")), ""))
        if first is None or len(self._lines) == 1:
            return False
        mark = _LIST_MARK.match(line)
        return line[:1] in " \t" or (mark is not None and mark[1] == first[1])

    # --- finishing blocks ---

    def _advance(self, *, is_closed: bool = False) -> None:
        """Render all blocks of the open text but the last, which may still change."""
        if self._is_stuck or self._lines_chars < self._next_parse:
            return
        source = "\n".join(self._lines) + "\n"
        env: Env = {"references": dict(self._env["references"]), "budget": Budget(len(source)), "partial": True}
        try:
            blocks = parse_blocks(source, env)
            final = len(blocks) if is_closed else self._count_final(blocks)
            if not final:
                self._next_parse = self._lines_chars + self._lines_chars // _PARSE_GROWTH
            else:
                self._commit(blocks[:final])
                self._drop_lines(blocks[final][0].map if final < len(blocks) else None)
            if final < len(blocks):
                self._open_fence(blocks[-1][0])
        except (TooExpensive, RecursionError):
            self._is_stuck = True

    def _count_final(self, blocks: list[list[Token]]) -> int:
        """How many of the blocks cannot change any more."""
        if not blocks:
            return 0
        final = len(blocks) - 1
        last = blocks[-1][0]
        if last.type == "math_block":
            if not last.meta["open"]:
                return final + 1
            before = blocks[-2][-1] if final else None
            start = last.map[0] if last.map else 0
            # Should the formula never be closed, it is a part of the paragraph right above it.
            if before is not None and self._lines[start - 1].strip():
                return final - 1
        return final

    def _commit(self, blocks: list[list[Token]]) -> None:
        references = self._env["references"]
        self._env["budget"] = Budget(self._lines_chars)
        for tokens in blocks:
            block = render_tokens(tokens, self._env)
            self._html_chars += len(block)
            check_size(self._source_chars, self._html_chars)
            for token in tokens:
                if token.type == "definition":
                    meta = token.meta
                    references.setdefault(meta["id"], {"title": meta["title"], "href": meta["url"]})
            if block:
                self.blocks.append(block)

    def _drop_lines(self, start: list[int] | None) -> None:
        del self._lines[: start[0] if start else len(self._lines)]
        self._lines_chars = sum(map(len, self._lines)) + len(self._lines)
        self._next_parse = 0
        self._code.clear()
        self._forget_preview()

    def _open_fence(self, last: Token) -> None:
        """Follow the last block line by line if it is an open fence; the parser has said that it is one."""
        if last.type != "fence":
            return
        opening = _FENCE_OPENING.match(self._lines[0])
        if opening is None or last.map is None:
            return
        fence = _Fence(opening[1], opening.start(1), language_of(last.info))
        self._code = [fence.content(line) for line in self._lines[1:]]
        self._fence = fence
        self._forget_preview()

    # --- the open block ---

    def open_block(self) -> OpenBlock:
        """The open block as it stands, at no cost: its last preview and the raw text since."""
        if self._fence is not None:
            return self._open_code(self._fence)
        tail = self._tail()
        if not tail.strip():
            return OpenBlock("none", revision=self._revision)
        return OpenBlock("html", self._preview, tail[self._previewed_chars :], revision=self._revision)

    def preview(self) -> OpenBlock:
        """The open block with a fresh preview. Long blocks are rendered again only after they have grown enough."""
        if self._fence is None and not self._is_stuck:
            tail = self._tail()
            size = len(tail)
            grown = size - self._previewed_chars
            part = size - self._done.chars
            needed = 1 if size <= QUICK_CHARS else size // (_PREVIEW_GROWTH if part <= MAX_PART_CHARS else 2)
            if grown >= needed and tail.strip() and part <= MAX_PREVIEW_CHARS:
                self._render_preview(tail)
        return self.open_block()

    def _tail(self) -> str:
        partial = "".join(self._partial)
        if len(self._partial) > 1:
            self._partial = [partial]
        return "\n".join([*self._lines, partial])

    def _render_preview(self, tail: str) -> None:
        try:
            if len(tail) - self._done.chars > _DONE_CHARS:
                self._set_done(tail)
            html = join_parts(self._done.html, self._render_part(complete(self._done.rest_of(tail))))
        except (TooExpensive, RecursionError):
            self._is_stuck = True
            return
        self._preview = SafeString(html)
        self._previewed_chars = len(tail)
        self._revision += 1

    def _render_part(self, source: str) -> str:
        env = self._preview_env(source)
        return "".join([render_tokens(tokens, env) for tokens in parse_blocks(source, env)])

    def _preview_env(self, source: str) -> Env:
        return {
            "references": dict(self._env["references"]),
            "highlight_limit": HIGHLIGHT_CHARS,
            "budget": Budget(len(source)),
            "partial": True,
        }

    def _set_done(self, tail: str) -> None:
        """Keep the HTML of all but the last item, so that a long list costs no more than a short one."""
        done = self._done
        source = done.rest_of(tail)
        blocks = parse_blocks(source, self._preview_env(source))
        line, kind = safe_cut(blocks)
        if not line:
            return
        lines = source.split("\n")
        done.html = join_parts(done.html, self._render_part("\n".join(lines[:line]) + "\n"))
        done.chars += sum(len(each) + 1 for each in lines[done.head.count("\n") : line])
        if kind == "table" and not done.head:
            start = blocks[-1][0].map
            first = start[0] if start else 0
            done.head = "\n".join(lines[first : first + 2]) + "\n"

    def _open_code(self, fence: _Fence) -> OpenBlock:
        partial = "".join(self._partial)
        lines = list(self._code)
        if partial and not fence.may_close(partial):
            lines.append(fence.content(partial))
        elif lines:
            lines.append("")
        return OpenBlock("code", code_box(fence.language), "\n".join(lines), fence.language, self._revision)

    def _forget_preview(self) -> None:
        self._preview = _NOTHING
        self._previewed_chars = 0
        self._done = _Done()
        self._revision += 1
