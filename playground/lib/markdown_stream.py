"""Markdown of an answer while it is being written, block by block, at a cost that is linear in its length.

A finished top-level block is rendered once. What is still open is the caller's to show: as code that grows, or as a
preview that is made only when asked for. Pure and synchronous; one object serves one answer and one thread at a time.

Why the last block stays open: a paragraph may still become a heading (setext), a list loose, a line a table, a quote
longer. When it is long it is cut (`markdown_cut.py`): its finished items, rows or words are rendered once, and only the
rest is looked at again, so that no step takes long however long the block is. Everything before it is final, with one exception: a link whose target is defined further down. So at the end
`render()` of the whole text takes the place of what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from django.utils.safestring import SafeString
from markdown_it.token import Token

from playground.lib.markdown import check_size, code_box, code_steps, normalise, raw_box, render_tokens
from playground.lib.markdown_code import language_of
from playground.lib.markdown_cut import Cut
from playground.lib.markdown_open import NOTHING, Fence, OpenBlock, fence_opening
from playground.lib.markdown_parser import (
    Blocks,
    Budget,
    Env,
    TooExpensive,
    highlight_steps,
    parse_blocks,
    render_block,
)
from playground.lib.markdown_parts import Parts
from playground.lib.markdown_preview import complete

QUICK_CHARS = 2_000  # an open block up to this size is previewed afresh whenever asked
PART_CHARS = 2_000  # of an open block: beyond it, what is finished of a list, table or quote is rendered once and kept
MAX_PART_CHARS = 6_000  # what cannot be cut by then is shown as it is, and a new block begins
SLICE_CHARS = 1_024  # taken in at once
STEP_CHARS = 1_500  # worked on in one step, give or take a block; a thousand take two to three milliseconds
_SLOW_CHARS = 3_000  # a part that could not be cut by then is previewed only when it has grown by half
_PREVIEW_GROWTH = 32  # a longer block when it has grown by this part, which bounds what all its previews weigh
_PARSE_GROWTH = 2  # when nothing could be finished, the next attempt waits until the text has grown by half
_CUT_GROWTH = 4  # … and the next attempt to cut it by a quarter
_LONG_LINE_CHARS = 500  # an unfinished line as long as this is no beginning of something else
PART_SECONDS = 0.4  # of CPU for one parse or rendering of a part, a hundred times what an honest one takes
HIGHLIGHT_CHARS = 8_000  # longer code gets its colours from the render at the end

_LIST_MARK = re.compile(r"(?:\d{1,9})?([-*+.)])[ \t]")


class MarkdownStream:
    """Feed it deltas; read `blocks` (final, append-only) and `open_block()` or `preview()`. It keeps no text but the open block's."""

    def __init__(self) -> None:
        self.blocks: list[SafeString] = []
        self._held = ""  # a CR or half a surrogate pair at the end of a delta: normalised with what follows
        self._lines: list[str] = []  # complete lines of the open block, or of its unfinished part
        self._lines_chars = 0
        self._partial: list[str] = []  # the line that has not ended
        self._parts = Parts()
        self._fence: Fence | None = None
        self._code: list[str] = []  # content of the open fence, line by line
        self._next_parse = self._next_cut = 0
        self._env: Env = {"references": {}, "highlight_limit": HIGHLIGHT_CHARS}
        self._source_chars = self._html_chars = 0
        self._worked_chars = 0  # in this step
        self._is_stuck = False  # too expensive to go on: the rest stays text until the end
        self._preview = NOTHING
        self._previewed_chars = 0
        self._revision = 0

    # --- what comes in ---

    def feed(self, delta: str) -> None:
        """Add what has arrived: any amount, cut anywhere."""
        for _ in self.steps(delta):
            pass

    def steps(self, delta: str) -> Iterator[None]:
        """The same as `feed`, with a pause after each few milliseconds of work. To be run to its end."""
        delta = self._held + delta
        if not delta:
            return
        self._held = delta[-1] if delta[-1] == "\r" or "\ud800" <= delta[-1] <= "\udbff" else ""
        text = normalise(delta[: len(delta) - len(self._held)])
        for start in range(0, len(text), SLICE_CHARS):
            if start:
                yield
            yield from self._take(text[start : start + SLICE_CHARS])

    def _take(self, text: str) -> Iterator[None]:
        self._worked_chars = 0
        self._source_chars += len(text)
        *lines, rest = text.split("\n")
        needs_parse = False
        for line in lines:
            whole = "".join(self._partial) + line
            self._partial.clear()
            needs_parse |= yield from self._end_line(whole)
        if rest:
            self._partial.append(rest)
        if needs_parse and self._fence is None:
            yield from self._advance()
        if self._fence is None and not self._is_stuck and self._open_chars() > max(PART_CHARS, self._next_cut):
            yield
            yield from self._cut()

    def _open_chars(self) -> int:
        return self._lines_chars + sum(map(len, self._partial))

    def _is_turn_over(self, chars: int) -> bool:
        """Whether it is time for a pause before as many characters more are worked on."""
        self._worked_chars += chars
        if self._worked_chars <= STEP_CHARS:
            return False
        self._worked_chars = chars
        return True

    def _end_line(self, line: str) -> Generator[None, None, bool]:
        """Take a complete line; say whether blocks may be finished now."""
        self._lines.append(line)
        self._lines_chars += len(line) + 1
        if self._fence is not None:
            if not self._fence.is_closed_by(line):
                self._code.append(self._fence.content(line))
                return False
            yield from self._close_fence(self._fence)
            return False
        follows_blank = len(self._lines) > 1 and not self._lines[-2].strip(" \t")
        is_fence = fence_opening(line) is not None
        if not (is_fence or (follows_blank and line.strip(" \t"))) or self._goes_on(line):
            return False
        if is_fence:  # before the next line comes: it belongs to the code
            yield from self._advance()
        return not is_fence

    def _close_fence(self, fence: Fence) -> Iterator[None]:
        if self._lines_chars <= HIGHLIGHT_CHARS:
            self._fence = None
            self._next_parse = 0
            yield from self._advance(is_closed=True)
            return
        code = "\n".join([*self._code, ""])
        self._append((yield from code_steps(fence.language, code)))
        self._fence = None
        self._drop_lines(len(self._lines))

    def _goes_on(self, line: str) -> bool:
        """Whether a line plainly belongs to the list that is open, so that parsing would finish nothing."""
        first = _LIST_MARK.match(next((each for each in self._lines if each.strip(" \t")), ""))
        if first is None or len(self._lines) == 1:
            return False
        mark = _LIST_MARK.match(line)
        return line[:1] in " \t" or (mark is not None and mark[1] == first[1])

    # --- finishing blocks ---

    def _advance(self, *, is_closed: bool = False) -> Iterator[None]:
        """Render all blocks of the open text but the last, which may still change."""
        if self._is_stuck or self._lines_chars < self._next_parse:
            return
        try:
            if self._is_turn_over(self._lines_chars):
                yield
            blocks = self._parse(self._parts.source("\n".join(self._lines) + "\n"))
            final = len(blocks) if is_closed else self._count_final(blocks)
            if final:
                yield from self._finish(blocks, final)
            else:
                self._next_parse = self._lines_chars + self._lines_chars // _PARSE_GROWTH
            if final < len(blocks):
                self._open_fence(blocks[-1][0])
        except (TooExpensive, RecursionError):
            self._is_stuck = True

    def _parse(self, source: str) -> Blocks:
        return parse_blocks(source, self._part_env(source))

    def _finish(self, blocks: Blocks, final: int) -> Iterator[None]:
        """Render that many blocks, then put them in the place of their lines, all at once: a pause shows no block twice."""
        rendered = []
        for index, tokens in enumerate(blocks[:final]):
            if self._is_turn_over(sum(len(token.content) for token in tokens)):
                yield
            env = self._env if index else self._env | self._highlighting()
            yield from highlight_steps(tokens, env)
            env["budget"] = Budget(self._lines_chars, PART_SECONDS)
            block = render_tokens(tokens, env)
            self._keep_definitions(tokens)
            rendered.append(block if index else SafeString(self._parts.join(block)))
        for block in rendered:
            self._append(block)
        start = blocks[final][0].map if final < len(blocks) else None
        self._drop_lines(start[0] - self._parts.head.count("\n") if start else len(self._lines))

    def _keep_definitions(self, tokens: list[Token]) -> None:
        for token in tokens:
            if token.type == "definition":
                meta = token.meta
                self._env["references"].setdefault(meta["id"], {"title": meta["title"], "href": meta["url"]})

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

    def _append(self, block: SafeString) -> None:
        self._html_chars += len(block)
        check_size(self._source_chars, self._html_chars)
        if block:
            self.blocks.append(block)

    def _drop_lines(self, count: int) -> None:
        """Forget the lines of finished blocks. What comes then is a new block."""
        del self._lines[:count]
        self._lines_chars = sum(map(len, self._lines)) + len(self._lines)
        self._next_parse = self._next_cut = 0
        self._code.clear()
        self._parts = Parts()
        self._forget_preview()

    # --- a long open block ---

    def _cut(self) -> Iterator[None]:
        """Render what is finished of the open block and keep only the rest, so that no step has to do with all of it."""
        tail = self._tail()
        source = self._parts.source(tail)
        try:
            blocks = self._parse(source)
            if len(blocks) == 1:
                cut = self._parts.find_cut(blocks, source)
                if cut is not None:
                    yield
                    yield from self._take_part(cut)
            elif len("".join(self._partial)) > _LONG_LINE_CHARS and blocks and blocks[-1][0].type != "math_block":
                yield from self._finish(blocks, len(blocks) - 1)
            size = self._open_chars()
            if size > MAX_PART_CHARS:
                self._give_up_part()
            elif size > PART_CHARS:
                self._next_cut = min(size + size // _CUT_GROWTH, MAX_PART_CHARS)
            yield
        except (TooExpensive, RecursionError):
            self._is_stuck = True

    def _take_part(self, cut: Cut) -> Iterator[None]:
        parts = self._parts
        yield from highlight_steps(cut.done, self._highlighting())
        env = self._part_env(parts.head) | self._highlighting()
        html = render_tokens(cut.done, env)
        chars = cut.offset - len(parts.head)
        if not parts.add(cut, html, render_block(cut.closing, env)):
            return
        *self._lines, partial = self._tail()[chars:].split("\n")
        self._partial = [partial] if partial else []
        self._lines_chars = sum(map(len, self._lines)) + len(self._lines)
        self._next_parse = self._lines_chars + self._lines_chars // _PARSE_GROWTH
        self._next_cut = 0
        self._previewed_chars -= chars
        if self._previewed_chars < 0:
            self._show(SafeString(parts.html + parts.end), 0)

    def _give_up_part(self) -> None:
        """It will not be cut: a line without end, say. The render at the end will know what to do."""
        if self._parts:
            self._append(SafeString(self._parts.html + self._parts.end))
        self._append(raw_box(self._tail()))
        self._partial.clear()
        self._drop_lines(len(self._lines))

    def _highlighting(self) -> Env:
        """Code that is continued in the middle cannot be coloured."""
        return {"highlight_limit": 0 if self._parts.kind == "code" else HIGHLIGHT_CHARS}

    def _open_fence(self, last: Token) -> None:
        """Follow the last block line by line if it is an open fence; the parser has said that it is one."""
        if last.type != "fence":
            return
        opening = fence_opening(self._lines[0])
        if opening is None or last.map is None:
            return
        fence = Fence(opening[1], opening.start(1), language_of(last.info))
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
        return OpenBlock("html", self._preview, self._text_after_preview(tail), revision=self._revision)

    def preview(self) -> OpenBlock:
        """The open block with a fresh preview. Long blocks are rendered again only after they have grown enough."""
        if self._fence is None and not self._is_stuck:
            tail = self._tail()
            size = len(tail)
            whole = self._parts.chars + size
            needed = 1 if whole <= QUICK_CHARS else size // 2 if size > _SLOW_CHARS else whole // _PREVIEW_GROWTH
            if size - self._previewed_chars >= needed and tail.strip() and size <= MAX_PART_CHARS:
                self._render_preview(tail)
        return self.open_block()

    def _text_after_preview(self, tail: str) -> str:
        """With the white space before it: a preview ends at its last word, so the next one would stick to it."""
        if len(tail) <= self._previewed_chars:
            return ""
        return tail[len(tail[: self._previewed_chars].rstrip(" \t\n")) :]

    def _tail(self) -> str:
        partial = "".join(self._partial)
        if len(self._partial) > 1:
            self._partial = [partial]
        return "\n".join([*self._lines, partial])

    def _render_preview(self, tail: str) -> None:
        source = complete(self._parts.source(tail))
        env = self._part_env(source) | self._highlighting()
        try:
            html = "".join([render_tokens(tokens, env) for tokens in parse_blocks(source, env)])
        except (TooExpensive, RecursionError):
            self._is_stuck = True
            return
        self._show(SafeString(self._parts.join(html)), len(tail))

    def _show(self, preview: SafeString, chars: int) -> None:
        """From now on `preview` stands for so many characters of the tail."""
        self._preview = preview
        self._previewed_chars = chars
        self._revision += 1

    def _part_env(self, source: str) -> Env:
        """What is needed to work on `source` now: its time begins here."""
        return {
            "references": dict(self._env["references"]),
            "highlight_limit": HIGHLIGHT_CHARS,
            "budget": Budget(len(source), PART_SECONDS),
            "partial": True,
        }

    def _open_code(self, fence: Fence) -> OpenBlock:
        partial = "".join(self._partial)
        if len(self._code) > 1:
            self._code = ["\n".join(self._code)]
        lines = list(self._code)
        if partial and not fence.may_close(partial):
            lines.append(fence.content(partial))
        elif lines:
            lines.append("")
        return OpenBlock("code", code_box(fence.language), "\n".join(lines), fence.language, self._revision)

    def _forget_preview(self) -> None:
        self._show(NOTHING, 0)
