"""The clocks of one call: first token, silence, total. One timer per call, not one per read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from playground.lib.sentences import Sentence
from playground.upstream.errors import FirstTokenTimeout, SilenceTimeout, TotalTimeout, UpstreamError
from playground.upstream.types import Timeouts

T = TypeVar("T")
_HELD_S = 0.5  # the consumer may keep us this long before the clocks are set back for it


class Clocks:
    """`await clocks.wait(read)` raises the timeout that ran out while it waited.

    Whatever arrives restarts the first-token and silence clocks, but without output (`output()`) only for
    `life_s`. The time that the consumer takes between two reads does not count against the server, except for the total.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + timeouts.total_s
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._error: UpstreamError | None = None
        self._is_between = False
        self.begin()

    def begin(self) -> None:
        """A new try: all clocks but the total start again."""
        self._life = self._output = self._returned = self._loop.time()
        self._has_output = False
        self._arm()

    def output(self) -> None:
        """The model said something."""
        self._output = self._life
        self._has_output = True

    async def wait(self, awaitable: Awaitable[T]) -> T:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("clocks need a task")
        held = self._loop.time() - self._returned
        if held > _HELD_S:
            self._life += held
            self._output += held
        cancelling = task.cancelling()
        self._task = task
        try:
            result = await awaitable
        except asyncio.CancelledError:
            if self._error is not None and task.uncancel() <= cancelling:
                raise self._error from None
            raise
        finally:
            self._task = None
        self._life = self._returned = self._loop.time()
        return result

    def check_total(self) -> None:
        """Raises TotalTimeout when the total has run out. For reads that never wait, which no timer ends."""
        if self._loop.time() >= self._end:
            raise self._expired()

    async def sleep(self, nap: Awaitable[None]) -> None:
        """Wait between two tries. Only the total clock runs."""
        self._is_between = True
        try:
            await self.wait(nap)
        finally:
            self._is_between = False

    async def within(self, seconds: float, awaitable: Awaitable[T]) -> T:
        """Wait for at most `seconds`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            return await awaitable

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _deadline(self) -> float:
        if self._is_between:
            return self._end
        quiet = self._timeouts.silence_s if self._has_output else self._timeouts.first_token_s
        return min(self._life + quiet, self._output + max(self._timeouts.life_s, quiet), self._end)

    def _arm(self) -> None:
        self.close()
        # Never sooner than in 10 ms: a consumer that holds a call past its deadline must not make this spin.
        self._timer = self._loop.call_at(max(self._deadline(), self._loop.time() + 0.01), self._look)

    def _look(self) -> None:
        if self._task is None or self._deadline() > self._loop.time():
            self._arm()
            return
        self._error = self._expired()
        self._task.cancel()

    def _expired(self) -> UpstreamError:
        if self._loop.time() >= self._end:
            message = Sentence("The answer took longer than %(seconds)s s.", seconds=self._timeouts.total_s)
            return TotalTimeout(message=message, code="total_timeout")
        seconds = round(self._loop.time() - self._output, 1)
        if not self._has_output:
            message = Sentence("No answer within %(seconds)s s.", seconds=seconds)
            return FirstTokenTimeout(message=message, code="first_token_timeout")
        message = Sentence("The answer stopped coming for %(seconds)s s.", seconds=seconds)
        return SilenceTimeout(message=message, code="silence_timeout")
