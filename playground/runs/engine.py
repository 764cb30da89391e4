"""The run engine: one asyncio task a run, owned by the process and never by a socket.

A closed tab, a lost network or a second viewer changes nothing about a run. It ends by itself, by stop, by its time limit or
with the process, always in exactly one final state, and always with the text that arrived.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from playground.lib.logs import run_id
from playground.lib.threads import database_step
from playground.runs import announcements, records
from playground.runs.admission import Admission, Full
from playground.runs.advice import error_payload
from playground.runs.circuit import Circuits, ProviderDown
from playground.runs.ending import conclude
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
from playground.runs.live import LiveRun, Outcome
from playground.runs.log import LogGone, MemoryLog, RunLog
from playground.runs.models import Run, RunStatus
from playground.runs.pace import pace
from playground.runs.plan import Plan, Unsendable, learn_quirk, make_plan
from playground.runs.shared_log import SharedLog
from playground.runs.writer import CheckpointWriter
from playground.upstream import types as upstream
from playground.upstream.client import UpstreamClient
from playground.upstream.errors import BadRequest, FirstTokenTimeout, SilenceTimeout, TotalTimeout, UpstreamError

log = logging.getLogger(__name__)

FORGET_AFTER_S = 60.0  # a reader that comes back within this time still finds the log
LAST_WRITES_S = 5.0  # at shutdown, for a database that is away
DATABASE_AWAY = (OperationalError, InterfaceError)  # or locked, or full
DATABASE_RETRY_S = 1.0
# After these it is we who leave a server that may be at work, and may bill what it has read.
CLOCKS = (FirstTokenTimeout, SilenceTimeout, TotalTimeout)
OUR_LIMITS = {"line_too_long", "answer_too_long"}
WORKERS = 2  # threads for database steps of runs; more would only share one interpreter


Args = TypeVarTuple("Args")
Result = TypeVar("Result")


class Engine:
    """Carries the runs of one process. Everything but `submit` and `request_stop` belongs to the event loop."""

    def __init__(self, *, client: UpstreamClient | None = None) -> None:
        self.process_id = secrets.token_hex(8)
        self.log: RunLog = SharedLog(settings.REDIS_URL) if settings.IS_SHARED else MemoryLog()
        self.admission = Admission(places=settings.MAX_RUNS, waiting=settings.MAX_WAITING_RUNS)
        self.is_draining = False
        self._client = client
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._live: dict[UUID, LiveRun] = {}
        self._circuits = Circuits()
        self._forgetting: dict[UUID, asyncio.TimerHandle] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="run")
        self._writer = CheckpointWriter(owner=self.process_id, on_stop_requested=self.request_stop)

    # --- life ---

    def start(self) -> None:
        """Bind to the running event loop and begin to take runs."""
        self._loop = asyncio.get_running_loop()
        self._client = self._client or UpstreamClient()
        self.log.start(process=self.process_id, on_stop_requested=self._cancel)
        self._writer.start()

    async def stop(self, *, drain_s: float) -> None:
        """Take no new runs, give the running ones `drain_s` seconds, then interrupt them with the text they have."""
        self.is_draining = True
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=drain_s)
        for live in list(self._live.values()):
            self._tasks[live.uuid].cancel()
        if ending := list(self._tasks.values()):
            await asyncio.wait(ending, timeout=LAST_WRITES_S)
        # Ends that the database still refuses are given up now: their text is kept in pieces, the next start marks them.
        await asyncio.to_thread(self._writer.stop)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for timer in self._forgetting.values():
            timer.cancel()
        await self.log.stop()
        if self._client is not None:
            await self._client.aclose()
        self._pool.shutdown(wait=False)
        self._loop = None

    @property
    def is_running(self) -> bool:
        return self._running_loop() is not None

    def _running_loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop, unless whoever ran it has closed it without stopping the engine."""
        return self._loop if self._loop is not None and not self._loop.is_closed() else None

    @property
    def can_accept(self) -> bool:
        """False when a new run would have to be refused: draining, or no place left even to wait."""
        return self.is_running and not self.is_draining and not self.admission.is_full

    @property
    def spare_places(self) -> int:
        """Of one half of all places, what is free; the other half is for those who wait for their answer."""
        if not self.is_running or self.is_draining:
            return 0
        return max(self.admission.places // 2, 1) - len(self._tasks)

    def carried(self) -> list[UUID]:
        """The runs of this process whose end is not written yet."""
        return list(self._tasks)

    @property
    def streaming(self) -> int:
        """How many answers have begun to arrive and go on."""
        return sum(live.first_token_at is not None for live in list(self._live.values()))

    # --- from any thread ---

    def submit(self, run: Run) -> None:
        """Begin a run whose row is committed. Without a running engine it stays queued until the reaper interrupts it."""
        if loop := self._running_loop():
            records.begun(run)
            loop.call_soon_threadsafe(self._begin, run)

    def request_stop(self, uuid: UUID, *, process: str = "") -> None:
        """Stop run `uuid` if it is carried here, else tell the `process` that carries it."""
        if process and process != self.process_id:
            self.call_soon(self._send_stop, uuid, process)
        elif loop := self._running_loop():
            loop.call_soon_threadsafe(self._cancel, uuid)

    def call_soon(self, step: Callable[[*Args], Coroutine[Any, Any, None]], *args: *Args) -> None:
        """Run a short coroutine on the engine's loop; dropped without a running engine."""
        if loop := self._running_loop():
            asyncio.run_coroutine_threadsafe(step(*args), loop)

    async def announce(self, kind: str, text: str) -> None:
        """A hint to every process, this one included."""
        await announcements.deliver(kind, text)
        await self.log.announce(kind, text)

    async def _send_stop(self, uuid: UUID, process: str) -> None:
        await self.log.send_stop(uuid, process=process)

    # --- on the loop ---

    def _begin(self, run: Run) -> None:
        uuid = run.uuid
        if uuid in self._tasks:
            return
        live = LiveRun(run)
        self.log.open(uuid)
        self._live[uuid] = live
        self._writer.watch(live)
        # An empty context: a run must not carry the request that started it.
        task = contextvars.Context().run(asyncio.create_task, self._carry(live), name=f"run-{uuid}")
        self._tasks[uuid] = task

    def _cancel(self, uuid: UUID) -> None:
        if live := self._live.get(uuid):
            live.stop_requested = True
            if task := self._tasks.get(uuid):
                task.cancel()

    async def _carry(self, live: LiveRun) -> None:
        run_id.set(str(live.uuid))
        try:
            outcome = await self._answer(live)
        except asyncio.CancelledError:
            # An ordinary end, so it goes no further: nobody awaits this task but the engine, which asked for it.
            outcome = live.outcome(RunStatus.STOPPED if live.stop_requested else RunStatus.INTERRUPTED)
        except Exception as error:
            log.exception("Run %s failed on our side", live.uuid)
            outcome = live.outcome(RunStatus.FAILED, error_payload(error))
        self.admission.leave(live.uuid)
        self._live.pop(live.uuid, None)  # from here on nothing cancels it: its end is being written
        await self._end(live, outcome)

    async def _answer(self, live: LiveRun) -> Outcome:
        try:
            await self.admission.enter(live.uuid, lambda place: self._emit(live, RunQueued(place)))
            plan = await self._plan(live)
            self._circuits.check(plan.provider_pk)
            self._emit(live, RunStarted())
            completed = await self._stream(live, plan)
        except (UpstreamError, Unsendable, Full, ProviderDown) as error:
            records.failed(live.run, error)
            outcome = live.outcome(RunStatus.FAILED, error_payload(error))
            outcome.was_left = isinstance(error, CLOCKS) or getattr(error, "code", None) in OUR_LIMITS
            return outcome
        return live.outcome(RunStatus.COMPLETED, completed=completed)

    async def _plan(self, live: LiveRun) -> Plan:
        """What to send. The run was accepted, so while the database is away it waits, as one in line does."""
        async with asyncio.timeout(settings.RUN_TOTAL_SECONDS):
            while True:
                try:
                    return await self._in_thread(make_plan, live.run, self.process_id)
                except DATABASE_AWAY as error:
                    log.warning("Run %s waits for the database: %s", live.uuid, type(error).__name__)
                    await asyncio.sleep(DATABASE_RETRY_S)

    async def _concluded(self, live: LiveRun, outcome: Outcome) -> Outcome:
        """`outcome` with what is worked out at the end. At shutdown without it, when the database is away."""
        while True:
            try:
                return await self._in_thread(conclude, live.run, outcome)
            except DATABASE_AWAY as error:
                log.warning("The end of run %s waits for the database: %s", live.uuid, type(error).__name__)
                if self.is_draining:
                    return outcome
                await asyncio.sleep(DATABASE_RETRY_S)

    async def _stream(self, live: LiveRun, plan: Plan) -> upstream.Completed:
        try:
            completed = await self._stream_learning(live, plan)
        except UpstreamError as error:
            self._circuits.failed(plan.provider_pk, error)
            raise
        self._circuits.answered(plan.provider_pk)
        return completed

    async def _stream_learning(self, live: LiveRun, plan: Plan) -> upstream.Completed:
        try:
            return await self._stream_once(live, plan)
        except BadRequest as error:
            # The server refuses a field under one name and takes it under another: learn it, once, and go on.
            if error.remedy is None or not error.remedy.get("rename") or live.first_token_at is not None:
                raise
            better = await self._in_thread(learn_quirk, plan, error.remedy)
            records.retried(live.run)
            self._emit(live, RunRetrying(attempt=2, of=2, delay_s=0, reason=error.message))
            return await self._stream_once(live, better)

    async def _stream_once(self, live: LiveRun, plan: Plan) -> upstream.Completed:
        if self._client is None:
            raise RuntimeError("the engine is not started")
        endpoint = await plan.endpoint()
        live.mark_sent()
        async with self._client.stream(endpoint, plan.body, plan.timeouts) as events:
            async for event in events:
                match event:
                    case upstream.TextDelta(text):
                        self._mark_first_token(live)
                        live.text.append(text)
                        self._emit(live, TextDelta(text))
                        await pace.rest(len(text))
                    case upstream.ReasoningDelta(text):
                        self._mark_first_token(live)
                        live.reasoning.append(text)
                        self._emit(live, ReasoningDelta(text))
                        await pace.rest(len(text))
                    case upstream.Retrying(attempt, of, delay_s, reason):
                        records.retried(live.run)
                        self._emit(live, RunRetrying(attempt, of, delay_s, reason))
                    case upstream.Completed():
                        return event
                    case upstream.Accepted():
                        live.accepted = event
        raise RuntimeError("the upstream client ended without an end")

    def _mark_first_token(self, live: LiveRun) -> None:
        if live.mark_first_token():
            self._emit(live, FirstToken(live.first_token_ms or 0))

    async def _end(self, live: LiveRun, outcome: Outcome) -> None:
        outcome = await self._concluded(live, outcome)
        await self._writer.finish(live, outcome)
        records.ended(live, outcome)
        self._emit(live, RunFinished(outcome.status, outcome.error))
        self._tasks.pop(live.uuid, None)
        loop = asyncio.get_running_loop()
        self._forgetting[live.uuid] = loop.call_later(FORGET_AFTER_S, self._forget, live.uuid)

    def _emit(self, live: LiveRun, event: RunEvent) -> None:
        try:
            self.log.append(live.uuid, event)
        except LogGone:
            log.warning("Run %s has no log", live.uuid)

    async def _in_thread(self, step: Callable[[*Args], Result], *args: *Args) -> Result:
        """One database step in a worker thread, with that thread's connection kept healthy."""
        in_context = partial(
            contextvars.copy_context().run, partial(database_step, step, *args)
        )  # its log has the run's id
        return await asyncio.get_running_loop().run_in_executor(self._pool, in_context)

    def _forget(self, uuid: UUID) -> None:
        self._forgetting.pop(uuid, None)
        self.log.forget(uuid)
