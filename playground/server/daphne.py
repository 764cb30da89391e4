"""Daphne with a beginning and an end: hooks once it listens and before it stops, and signals that end it cleanly."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from playground.server import sockets
from playground.server.access import log_action
from playground.server.health import Health
from playground.server.metrics import Metrics
from playground.server.streams import wait_for_room
from playground.server.watch import Watch

log = logging.getLogger(__name__)

MAX_FRAME_BYTES = 64 * 1024  # prompts and images go by POST; a socket carries small commands (DESIGN.md)
CLOSE_SECONDS = 10  # a consumer or view whose client has gone gets this long to clean up
HANDSHAKE_SECONDS = 10


class Server(DaphneServer):  # type: ignore[misc]
    """One process, one address. `run` returns when a signal or `stop` has ended it; `exit_code` says how it went."""

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        on_start: Callable[[], Awaitable[None]],
        on_stop: Callable[[], Awaitable[None]],
        on_signal: Callable[[], None],
        parts: Sequence[Watch] = (),
    ) -> None:
        sockets.install()
        super().__init__(
            Metrics(Health(application, state=lambda: self.state, parts=parts), parts=parts),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,  # ours below: a second Ctrl+C must hurry, not fail
            action_logger=log_action,
            websocket_handshake_timeout=HANDSHAKE_SECONDS,
            websocket_max_message_size=MAX_FRAME_BYTES,
            websocket_max_frame_size=MAX_FRAME_BYTES,
            application_close_timeout=CLOSE_SECONDS,
            ready_callable=self._before_run,
            server_name="",
            verbosity=0,
        )
        self.exit_code = 0
        self._on_start, self._on_stop, self._on_signal = on_start, on_stop, on_signal
        self._is_started = False
        self._stopping: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """Daphne's, and a part of a streamed answer is only taken when the line has taken those before it."""
        await super().handle_reply(protocol, message)
        if message.get("more_body") and (channel := protocol.channel) is not None:
            await wait_for_room(channel.transport, lambda: self._is_open(protocol))

    def _is_open(self, protocol: Any) -> bool:
        return protocol in self.connections and not self.connections[protocol].get("disconnected")

    @property
    def state(self) -> str:
        """Whether it takes new work ("ok"), or why not."""
        if self._stopping is not None:
            return "draining"
        return "ok" if self._is_started else "starting"

    def _before_run(self) -> None:
        reactor.callWhenRunning(self._begin)

    def _begin(self) -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)
        self._starting = loop.create_task(self._start())

    async def _start(self) -> None:
        try:
            await self._on_start()
            self._is_started = True
        except Exception:
            log.exception("The server could not start")
            self.exit_code = 1
            self.stop()

    def _signalled(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()  # asked twice: do not wait for running answers
        elif reactor.running:
            self._on_signal()
            self.stop()

    def listen_error(self, failure: Any) -> None:
        log.critical("Cannot listen: %s", failure.getErrorMessage())
        self.exit_code = 1
        self.stop()

    def kill_all_applications(self) -> Deferred[None]:
        """Before the reactor ends: first the engine's own end, while sockets still work, then what is left of requests.

        Replaces daphne's, which cancels every request and socket at once, and fails on idle connections.
        """
        self._stopping = asyncio.ensure_future(self._stop_all())
        return Deferred.fromFuture(self._stopping)

    async def _stop_all(self) -> None:
        try:
            await self._on_stop()
        except asyncio.CancelledError:
            log.warning("Not waiting any longer")
        except Exception:
            log.exception("The server did not stop cleanly")
            self.exit_code = 1
        open_requests = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details and not details["application_instance"].done()
        ]
        for request in open_requests:
            request.cancel()
        if open_requests:
            await asyncio.wait(open_requests, timeout=CLOSE_SECONDS)
