"""Live answers as pages see them: one rendering per run and process, shared by everyone who looks.

A `LiveAnswer` follows the run's log while somebody looks, turns text into Markdown blocks and keeps the open block. Each
socket reads from it with a `Reader`, which owns nothing but what it has sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from playground.chat.preview_budget import PREVIEW_EVERY_S, budget
from playground.chat.rate import LiveRate
from playground.lib.markdown_open import OpenBlock
from playground.lib.markdown_stream import MarkdownStream
from playground.runs.events import (
    FirstToken,
    ReasoningDelta,
    RunEvent,
    RunFinished,
    RunQueued,
    RunRetrying,
    RunStarted,
    TextDelta,
)
from playground.runs.log import Batch, LogGone
from playground.runs.pace import pace
from playground.runs.services import attached, follow, has_news

log = logging.getLogger(__name__)

SHORTEST_WAIT_S = 0.05  # between two looks at whether the open block may be rendered again
KEEP_S = 30.0  # after the last look: hidden tabs come back


@dataclass(slots=True)
class LiveAnswer:
    """The rendering of one run while it is live."""

    run: UUID
    prefix: str = ""
    stream: MarkdownStream = field(default_factory=MarkdownStream)
    open: OpenBlock = field(default_factory=lambda: OpenBlock("none"))
    meta: dict[str, Any] = field(default_factory=dict)
    reasoning: str = ""
    first_token_ms: int | None = None
    rate: LiveRate = field(default_factory=LiveRate)
    version: int = 0  # moves with every change
    is_finished: bool = False
    is_gone: bool = False  # no log: only the row is left
    followers: int = 0
    _offset: int = 0
    _previewed_at: float = 0.0
    _preview_timer: asyncio.TimerHandle | None = None
    _task: asyncio.Task[None] | None = None
    _drop_timer: asyncio.TimerHandle | None = None
    _is_taking: bool = False  # between two offsets: not to be cancelled here, or text would be taken twice
    _open_number: int = -1  # the open block's place among all blocks
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)

    # --- looking ---

    def join(self) -> None:
        self.followers += 1
        if self._drop_timer is not None:
            self._drop_timer.cancel()
            self._drop_timer = None
        if self._task is None and not self.is_finished:
            self._task = asyncio.create_task(self._consume(), name=f"live-{self.run}")

    def leave(self) -> None:
        """The last one to leave stops the rendering; it goes on from there when somebody comes back in time."""
        self.followers -= 1
        if self.followers:
            return
        if self._task is not None and not self._is_taking:
            self._task.cancel()
            self._task = None
        if self._preview_timer is not None:
            self._preview_timer.cancel()
            self._preview_timer = None
        if not self.is_finished:  # nothing would set it again, and whoever comes back now would wait for ever
            self.caught_up.clear()
        if self.is_finished:  # the row has it all
            _live.pop(self.run, None)
            return
        self._drop_timer = asyncio.get_running_loop().call_later(KEEP_S, _live.pop, self.run, None)

    async def wait(self, version: int) -> None:
        """Return when something has changed since `version`."""
        while self.version == version:
            await self._changed.wait()

    # --- following the log ---

    async def _consume(self) -> None:
        try:
            async with attached(self.run):
                if not has_news(self.run, after=self._offset):
                    self.caught_up.set()
                async for batch in follow(self.run, after=self._offset):
                    await self._take_all(batch)
                    if self.is_finished or not self.followers:
                        break
                    await pace.gap()
        except LogGone:
            self._give_up()
        except Exception:
            log.exception("The live view of run %s broke", self.run)
            self._give_up()
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def _take_all(self, batch: Batch) -> None:
        self._is_taking = True
        try:
            if self.prefix:
                await self._feed(self.prefix)
                self.prefix = ""
            if text := "".join(event.text for event in batch.events if isinstance(event, TextDelta | ReasoningDelta)):
                self.rate.add(text)
            for event in batch.events:
                await self._take(event)
            self._offset = batch.offset
        finally:
            self._is_taking = False
        self._refresh_open()
        self.caught_up.set()
        self._change()

    def _give_up(self) -> None:
        """Only the row can say more."""
        self.is_finished = self.is_gone = True
        self.caught_up.set()
        self._change()

    async def _take(self, event: RunEvent) -> None:
        match event:
            case FirstToken(after_ms):
                self.first_token_ms = after_ms
            case TextDelta(text):
                self.meta = self._figures("streaming")
                await self._feed(text)
            case ReasoningDelta(text):
                self.meta = self._figures("reasoning")
                self.reasoning += text
            case RunQueued(position):
                self.meta = {"state": "queued", "position": position}
            case RunStarted():
                self.meta = {"state": "sent"}
            case RunRetrying(attempt, of, delay_s, reason):
                self.meta = {"state": "retrying", "attempt": attempt, "of": of, "delay_s": delay_s, "reason": reason}
            case RunFinished(status, _error):
                self.meta = {"state": status}
                self.is_finished = True

    def _figures(self, state: str) -> dict[str, Any]:
        rate = self.rate
        return {
            "state": state,
            "first_token_ms": self.first_token_ms,
            "tokens_per_second": rate.per_second,
            "tokens": rate.tokens,
            "characters": rate.characters,
        }

    async def _feed(self, text: str) -> None:
        """Other tasks get a turn every few milliseconds: a long answer, or one long list, must not hold up the loop."""
        for _ in self.stream.steps(text):
            self.open = self.stream.open_block()  # whoever looks now must not see a finished block as the open one
            await asyncio.sleep(0)

    # --- the open block ---

    def _refresh_open(self) -> None:
        """Render the open block again when it is time; until then its new text stands raw behind the rendering."""
        self.open = self.stream.open_block()
        if self.open.kind != "html" or not self.open.text:
            return
        is_new = self._open_number != len(self.stream.blocks)
        wait_s = self._previewed_at + PREVIEW_EVERY_S - time.monotonic()
        if is_new or (wait_s <= 0 and budget.allows()):
            self._preview()
        if self.open.text:
            self._preview_later(max(wait_s, SHORTEST_WAIT_S))

    def _preview(self) -> None:
        before = time.perf_counter()
        self.open = self.stream.preview()
        budget.spend(time.perf_counter() - before)
        self._previewed_at = time.monotonic()
        self._open_number = len(self.stream.blocks)

    def _preview_later(self, delay_s: float) -> None:
        """The model may pause now: raw marks must not stand until it goes on."""
        if self._preview_timer is None:
            self._preview_timer = asyncio.get_running_loop().call_later(delay_s, self._preview_now)

    def _preview_now(self) -> None:
        self._preview_timer = None
        if self.open.text and not self.is_finished:
            before = self.open.revision
            self._refresh_open()
            if self.open.revision != before:
                self._change()

    def _change(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()


_live: dict[UUID, LiveAnswer] = {}


def live_answer(run: UUID, *, prefix: str) -> LiveAnswer:
    """The live rendering of `run` in this process; made when nobody looks yet. `join` it before reading."""
    answer = _live.get(run)
    if answer is None:
        answer = _live[run] = LiveAnswer(run, prefix)
    return answer
