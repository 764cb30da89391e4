"""The sweeps of one process: a task for each, which goes on whoever looks at it, until it is done or another process has it.

The rows say what is to do, so a process that dies leaves nothing behind but leases that run out; whoever takes over goes on
with the cells that have no answer yet. Hints (`sweeps.news`) only make it quicker.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from django.conf import settings
from django.db import InterfaceError, OperationalError

from playground.compare.models import Sweep
from playground.compare.sweeps import news, wording
from playground.compare.sweeps.hand import Hand
from playground.compare.sweeps.launching import pause
from playground.compare.sweeps.stepping import claim_sweeps, release_sweeps, step
from playground.lib.tasks import end_tasks
from playground.lib.threads import database_step
from playground.runs.lifecycle import engine

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # for sweeps whose process died
STEP_EVERY_S = 1.0  # without news
REST_S = 0.05  # after a step: cells that end together are one step
RETRY_S = 1.0  # after the database refused
DATABASE_AWAY = (OperationalError, InterfaceError)


class Drivers:
    """Belongs to the event loop, but for `look` and `ended`."""

    def __init__(self, *, owner: str = "", is_alone: bool | None = None) -> None:
        self.owner = owner or engine().process_id
        self._is_alone = not settings.IS_SHARED if is_alone is None else is_alone
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._hands: dict[int, Hand] = {}
        self._news: dict[int, asyncio.Event] = {}
        self._work = asyncio.Event()

    # --- from any thread ---

    def look(self) -> None:
        self._call(self._look)

    def ended(self, news: news.Ended) -> None:
        self._call(self._note, news)

    def _call(self, step: object, *args: object) -> None:
        with suppress(RuntimeError):  # the loop has gone
            self._loop.call_soon_threadsafe(step, *args)  # type: ignore[arg-type]

    # --- on the loop ---

    async def run(self) -> None:
        """Until it is cancelled."""
        news.listen(lambda: self)
        try:
            while True:
                await self._take_on()
                self._work.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._work.wait(), LOOK_EVERY_S)
        finally:
            news.listen(lambda: None)
            await end_tasks(list(self._tasks.values()))
            with suppress(*DATABASE_AWAY):
                await asyncio.to_thread(database_step, release_sweeps, self.owner)

    async def _take_on(self) -> None:
        try:
            taken = await asyncio.to_thread(database_step, lambda: claim_sweeps(self.owner, is_alone=self._is_alone))
        except DATABASE_AWAY as error:
            log.warning("Sweeps wait for the database: %s", type(error).__name__)
            return
        for sweep in taken:
            if sweep.pk not in self._tasks:
                self._news[sweep.pk] = asyncio.Event()
                self._hands[sweep.pk] = Hand.of(sweep)
                self._tasks[sweep.pk] = asyncio.create_task(self._drive(sweep.pk), name=f"sweep-{sweep.pk}")

    def _look(self) -> None:
        self._work.set()
        for pk, event in self._news.items():
            self._hands[pk].begin_anew()
            event.set()

    def _note(self, news: news.Ended) -> None:
        if hand := self._hands.get(news.sweep):
            hand.note(news)
            self._news[news.sweep].set()

    async def _drive(self, pk: int) -> None:
        try:
            while await self._step(pk):  # noqa: ASYNC110 - it waits for news within the step
                await asyncio.sleep(REST_S)
        finally:
            self._tasks.pop(pk, None)
            self._hands.pop(pk, None)
            self._news.pop(pk, None)
            self._work.set()  # it may have been resumed while it ended

    async def _step(self, pk: int) -> bool:
        event = self._news[pk]
        event.clear()  # before the step: what comes meanwhile is for the next one
        try:
            goes_on = await asyncio.to_thread(database_step, step, pk, self.owner, self._hands[pk])
        except DATABASE_AWAY as error:
            log.warning("Sweep %s waits for the database: %s", pk, type(error).__name__)
            await asyncio.sleep(RETRY_S)
            return True
        except Sweep.DoesNotExist:  # purged
            return False
        except Exception:
            log.exception("Sweep %s could not go on; it is paused", pk)
            await asyncio.to_thread(database_step, _pause_broken, pk)
            await asyncio.sleep(RETRY_S)
            return True
        if goes_on and not event.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), self._patience(pk))
        return goes_on

    def _patience(self, pk: int) -> float:
        """Until the next step without news: no later than what is held back may start."""
        wait_s = self._hands[pk].wait_s()
        return min(wait_s, STEP_EVERY_S) if wait_s else STEP_EVERY_S


async def drive() -> None:
    """The sweeps of this process, from its start to its end."""
    await Drivers().run()


def _pause_broken(pk: int) -> None:
    for sweep in Sweep.objects.filter(pk=pk):
        pause(sweep, wording.reason(wording.BROKEN))
