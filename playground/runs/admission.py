"""How many runs a process carries at once; the others wait in order and know their place."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID


class Full(Exception):
    """No place to run and none to wait: the caller is asked to come back later."""


class _Turn(NamedTuple):
    comes: asyncio.Future[None]
    on_place: Callable[[int], None]


class Admission:
    """Places to run, and a line before them. Belongs to the event loop."""

    def __init__(self, *, places: int, waiting: int) -> None:
        self.places = places
        self.waiting_places = waiting
        self._running: set[UUID] = set()
        self._line: OrderedDict[UUID, _Turn] = OrderedDict()

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def is_full(self) -> bool:
        return len(self._running) >= self.places and len(self._line) >= self.waiting_places

    async def enter(self, run: UUID, on_place: Callable[[int], None]) -> None:
        """Return when `run` may go; `on_place` is told its position (from 1) as it moves up. Raises Full."""
        if len(self._running) < self.places:
            self._running.add(run)
            return
        if len(self._line) >= self.waiting_places:
            raise Full
        turn = _Turn(asyncio.get_running_loop().create_future(), on_place)
        self._line[run] = turn
        on_place(len(self._line))
        try:
            await turn.comes
        except asyncio.CancelledError:
            self._line.pop(run, None)
            self._running.discard(run)
            self._advance()
            raise

    def leave(self, run: UUID) -> None:
        """`run` has ended; the first in line goes."""
        self._running.discard(run)
        self._advance()

    def _advance(self) -> None:
        moved = False
        while self._line and len(self._running) < self.places:
            run, turn = self._line.popitem(last=False)
            if not turn.comes.done():
                self._running.add(run)
                turn.comes.set_result(None)
                moved = True
        if moved:
            for position, turn in enumerate(self._line.values(), start=1):
                turn.on_place(position)
