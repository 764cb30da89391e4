"""Splits a leading `<think>…</think>` from the text of an answer, wherever the stream is cut."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkSplitter:
    """Feed it text; it gives back (reasoning, text). Only the first thing an answer says may be reasoning."""

    def __init__(self) -> None:
        self.is_idle = False  # nothing can be split off any more: the caller may stop asking
        self._held = ""
        self._is_thinking = False
        self._has_thought = False  # blanks before the first thought are dropped
        self._is_after = False  # blanks between the thinking and the text are dropped

    def feed(self, text: str) -> tuple[str, str]:
        if self.is_idle:
            return "", text
        self._held += text
        if not self._is_thinking and not self._is_after and not self._begin():
            return "", self._let_go() if self.is_idle else ""
        reasoning = self._think() if self._is_thinking else ""
        if not self._is_after:
            return reasoning, ""
        self._held = self._held.lstrip()
        self.is_idle = bool(self._held)
        return reasoning, self._let_go()

    def flush(self) -> tuple[str, str]:
        """The answer is over: what was held back because it might have become a mark."""
        held = self._let_go()
        return (held, "") if self._is_thinking else ("", held)

    def _begin(self) -> bool:
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._is_thinking, self._held = True, start[len(_OPEN) :]
            return True
        self.is_idle = not _OPEN.startswith(start)
        return False

    def _think(self) -> str:
        if not self._has_thought:
            self._held = self._held.lstrip()
            self._has_thought = bool(self._held)
        before, mark, after = self._held.partition(_CLOSE)
        if mark:
            self._is_thinking, self._is_after, self._held = False, True, after
            return before
        keep = next((n for n in range(len(_CLOSE) - 1, 0, -1) if before.endswith(_CLOSE[:n])), 0)
        self._held = before[len(before) - keep :]
        return before[: len(before) - keep]

    def _let_go(self) -> str:
        held, self._held = self._held, ""
        return held
