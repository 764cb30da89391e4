"""The embedded model's server: begun at first use, watched, begun again when it dies, ended with this process.

All of it happens on one thread of its own, so that callers of any event loop share one start, and so that the kernel's
"end with the thread that started you" (see server.py) means the life of this process.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import math
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from playground.embedded import child as children
from playground.embedded.child import Child, StartFailed
from playground.embedded.weights import NoWeights, find_weights
from playground.lib.sentences import Sentence
from playground.upstream.errors import ConnectFailed
from playground.upstream.types import Endpoint

log = logging.getLogger(__name__)

START_SECONDS = 120.0  # a large GGUF from a slow disk
HEALTHY_FOR_SECONDS = 15.0  # how long a good health check is believed
# Begun again at once, then after pauses, and after MAX_STARTS within STARTS_WITHIN_SECONDS not before those have passed.
PAUSES_SECONDS = (0.0, 0.0, 1.0, 2.0, 4.0)
MAX_STARTS = len(PAUSES_SECONDS)
STARTS_WITHIN_SECONDS = 300.0
LOG_NAME = "embedded.log"


@dataclass(frozen=True, slots=True)
class Status:
    """What an operator wants to know. `state` is off, idle, running or failed."""

    state: str
    pid: int | None = None
    starts: int = 0
    last_error: str = ""


class Supervisor:
    """Keeps at most one child. `endpoint` and `stop` may be called from any event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded")
        self._lock = threading.Lock()  # guards _pending
        self._pending: Future[Child] | None = None
        self._child: Child | None = None
        self._healthy_at = 0.0
        self._starts: deque[float] = deque(maxlen=MAX_STARTS)
        self._total_starts = 0
        self._last_error = ""

    async def endpoint(self) -> Endpoint:
        """Where the model is served, after making sure that it is. Raises ConnectFailed, with what to do about it."""
        if not settings.EMBEDDED_IS_ON:
            raise _failed("The built-in model is switched off (PLAYGROUND_EMBEDDED=false). Choose another model.")
        child = self._child
        if child is None or not child.is_alive or time.monotonic() - self._healthy_at > HEALTHY_FOR_SECONDS:
            # Shielded: a caller that gives up must not take the start away from the others.
            child = await asyncio.shield(asyncio.wrap_future(self._share()))
        return Endpoint(base_url=f"{child.address}/v1", api_key=child.api_key)

    async def stop(self) -> None:
        """End the child; the next `endpoint` begins another."""
        await asyncio.wrap_future(self._thread.submit(self._stop))

    def status(self) -> Status:
        child = self._child
        if not settings.EMBEDDED_IS_ON:
            return Status("off")
        if child is not None and child.is_alive:
            return Status("running", child.process.pid, self._total_starts, self._last_error)
        return Status("failed" if self._last_error else "idle", None, self._total_starts, self._last_error)

    def _share(self) -> Future[Child]:
        """The check or start that is under way, or a new one."""
        with self._lock:
            if self._pending is None or self._pending.done():
                self._pending = self._thread.submit(self._ensure)
            return self._pending

    # --- On the supervisor's thread ---

    def _ensure(self) -> Child:
        child = self._child
        if child is not None:
            if child.is_healthy() or child.is_healthy():
                self._healthy_at = time.monotonic()
                return child
            log.warning("The embedded model's server (process %d) is gone; starting another", child.process.pid)
            self._stop()
        return self._start()

    def _start(self) -> Child:
        self._pace()
        began = time.monotonic()
        try:
            weights = find_weights(settings.EMBEDDED_MODEL)
            self._child = children.start(
                model=weights, alias=weights.stem, log_path=settings.DATA_DIR / LOG_NAME, within_s=START_SECONDS
            )
        except NoWeights as error:
            self._last_error = str(error)
            raise _failed(error.args[0]) from error
        except StartFailed as error:
            self._last_error = str(error)
            text = "The built-in model did not start: %(reason)s (its log: %(path)s)"
            raise _failed(Sentence(text, reason=str(error), path=str(settings.DATA_DIR / LOG_NAME))) from error
        self._healthy_at = time.monotonic()
        self._last_error = ""
        log.info("embedded model %s ready after %.1f s", weights.name, self._healthy_at - began)
        return self._child

    def _pace(self) -> None:
        """Wait before another start, or refuse it when there were too many of late."""
        now = time.monotonic()
        while self._starts and now - self._starts[0] > STARTS_WITHIN_SECONDS:
            self._starts.popleft()
        if len(self._starts) >= MAX_STARTS:
            wait_s = STARTS_WITHIN_SECONDS - (now - self._starts[0])
            text = "The built-in model stopped (times in a row: %(count)s) and rests for %(seconds)s s. Its last words: %(reason)s"
            reason = self._last_error or "-"
            raise _failed(Sentence(text, count=MAX_STARTS, seconds=math.ceil(wait_s), reason=reason))
        time.sleep(PAUSES_SECONDS[len(self._starts)])
        self._starts.append(time.monotonic())
        self._total_starts += 1

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


def _failed(message: str) -> ConnectFailed:
    return ConnectFailed(message=message, code="embedded_model_unavailable")


_supervisor = Supervisor()
endpoint = _supervisor.endpoint
stop = _supervisor.stop
status = _supervisor.status


@atexit.register
def _stop_at_exit() -> None:
    """For whoever forgets to call `stop`; without it the child would end a moment later, with its input."""
    _supervisor._stop()  # noqa: SLF001 - this module's own
