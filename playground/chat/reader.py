"""What one socket has sent of one live answer, and the frames that bring it up to date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playground.chat.live import LiveAnswer

FIGURES = {"first_token_ms", "tokens_per_second", "tokens", "characters"}
MESSAGE_CHARS = 64 * 1024  # of one message, give or take a block: a long answer must not pass by the window at once


@dataclass(slots=True)
class Reader:
    """A cursor on a live answer. `frame` returns what the page lacks, in one message."""

    answer: LiveAnswer
    message: UUID
    blocks: int = 0
    reasoning: int = 0
    version: int = -1
    is_behind: bool = False
    is_masked: bool = False  # figures let the model be guessed
    _open: tuple[int, int] = (-1, -1)  # number of the open block and revision of its rendering
    _open_chars: int = 0
    _meta: dict[str, Any] = field(default_factory=dict)

    def resume(self, cursor: str) -> None:
        """Go on from what the page says it has. A cursor that makes no sense here starts over."""
        blocks, _dot, reasoning = cursor.partition(".")
        if blocks.isdecimal() and reasoning.isdecimal():
            self.blocks, self.reasoning = int(blocks[:9]), int(reasoning[:9])

    @property
    def cursor(self) -> str:
        return f"{self.blocks}.{self.reasoning}"

    def frame(self) -> dict[str, Any] | None:
        """One message with what is new, or None. The open block is always sent whole to a page that has just come.

        A page that lacks much gets it in several messages: `is_behind` says that there is more at once.
        """
        answer = self.answer
        self.is_behind = False
        self.version = answer.version
        frame: dict[str, Any] = {}
        if content := self._new_blocks():
            frame["content"] = content
        if not self.is_behind and (open_block := self._open_block()):
            frame["open"] = open_block
        if len(answer.reasoning) > self.reasoning:
            frame["reasoning"] = answer.reasoning[self.reasoning :]
            self.reasoning = len(answer.reasoning)
        if (meta := self._seen(answer.meta)) != self._meta:
            frame["meta"] = self._meta = meta
        if not frame:
            return None
        return {"run": str(answer.run), "after": self.cursor, **frame}

    def _seen(self, meta: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in meta.items() if key not in FIGURES} if self.is_masked else meta

    def _new_blocks(self) -> str:
        blocks = self.answer.stream.blocks
        swap = "beforeend"
        if self.blocks > len(blocks):  # the page saw another rendering than ours: show ours from its start
            self.blocks, swap = 0, "innerHTML"
        new: list[str] = []
        size = 0
        while self.blocks < len(blocks) and size < MESSAGE_CHARS:
            new.append(blocks[self.blocks])
            size += len(new[-1])
            self.blocks += 1
        self.is_behind = self.blocks < len(blocks)
        if not new and swap == "beforeend":
            return ""
        return f'<hx-partial hx-target="#blocks-{self.message}" hx-swap="{swap}">{"".join(new)}</hx-partial>'

    def _open_block(self) -> dict[str, Any] | None:
        view = self.answer.open
        state = (len(self.answer.stream.blocks), view.revision)
        if state != self._open:
            self._open, self._open_chars = state, 0
            return {"n": state[0], "html": view.html, "text": self._open_text(view.text)}
        if len(view.text) > self._open_chars:
            return {"n": state[0], "text": self._open_text(view.text)}
        return None

    def _open_text(self, text: str) -> str:
        start, self._open_chars = self._open_chars, min(len(text), self._open_chars + MESSAGE_CHARS)
        self.is_behind = self._open_chars < len(text)
        return text[start : self._open_chars]
