"""The server: routes requests to queued replies, scenarios or the demo's own answers; keeps what it was asked."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from tests.fake_openai.answers import default_reply
from tests.fake_openai.asked import BadImageError, Request, decode_images, has_images
from tests.fake_openai.reply import Reply
from tests.fake_openai.scenarios import SCENARIOS
from tests.fake_openai.script import Script
from tests.fake_openai.wire import Connection

DEFAULT_TOKENS_PER_SECOND = 50
DEFAULT_MODELS: list[dict[str, Any]] = [
    {"id": "gpt-4.1", "owned_by": "system", "shutdown_date": "2027-01-14"},
    {"id": "gpt-4.1-mini", "owned_by": "system", "shutdown_date": "2027-01-14"},
    {"id": "gpt-4.1-nano", "owned_by": "system", "shutdown_date": "2026-10-23"},
    {"id": "fake-chat", "owned_by": "fake", "shutdown_date": None},
    {"id": "fake-reasoner", "owned_by": "fake", "shutdown_date": None},
]


class FakeOpenAI:
    """An OpenAI-compatible server on loopback, in a thread of its own between `start()` and `stop()`.

    `play(reply)` queues a reply for the next chat completion (or the next for which `when` says yes). With nothing
    queued it answers like the demo: canned Markdown, `/scenario NAME`, `/tokens N`, `/echo`. All methods may be called
    from any thread; nothing here sleeps, the `wait_*` methods return as soon as their condition holds.
    """

    def __init__(
        self, *, port: int = 0, tokens_per_second: float = DEFAULT_TOKENS_PER_SECOND, keep: int = 10_000
    ) -> None:
        self._asked_port = port
        self._keep = keep  # requests to remember, bodies and all
        self.tokens_per_second = tokens_per_second
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self.port = 0
        self.connections = 0  # made so far
        self._queue: list[tuple[Reply, Callable[[Request], bool]]] = []
        self._played: list[Reply] = []
        self.reset()

    # --- for tests ---

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def play(self, *replies: Reply, when: Callable[[Request], bool] = lambda request: True) -> Reply:
        """Queue replies for the coming requests, in order. Returns the last."""
        with self._changed:
            self._queue += [(reply, when) for reply in replies]
        return replies[-1]

    def reset(self) -> None:
        """Forget queue, requests and disconnects; let go of everything that is held."""
        with self._changed:
            held = [reply for reply, _when in self._queue] + self._played
            self._queue, self._played = [], []
            self.requests: list[Request] = []
            self.disconnects: list[Request] = []
            self.models = [dict(model) for model in DEFAULT_MODELS]
            self.models_reply: Reply | None = None  # instead of the list of models
            self._tried: set[bytes] = set()
        for reply in held:
            reply.release_all()

    @property
    def completions(self) -> list[Request]:
        """The requests for chat completions, oldest first."""
        return [request for request in list(self.requests) if request.path.endswith("/chat/completions")]

    @property
    def last(self) -> Request:
        return self.completions[-1]

    def wait_for_requests(self, count: int = 1, timeout: float = 10) -> list[Request]:
        """The requests for chat completions, once there are `count`."""
        self._wait(lambda: len(self.completions) >= count, timeout, f"{count} requests")
        return self.completions

    def wait_for_disconnects(self, count: int = 1, timeout: float = 10) -> list[Request]:
        """The requests whose client left before the answer was over, once there are `count`."""
        self._wait(lambda: len(self.disconnects) >= count, timeout, f"{count} disconnects")
        return list(self.disconnects)

    def _wait(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"waited {timeout} s for {what}")

    # --- life ---

    def start(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), name="fake-openai", daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the fake server did not start")
        return self

    def stop(self) -> None:
        if self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    async def serve_forever(self) -> None:
        """Serve in the running loop until cancelled."""
        await self._run(threading.Event())

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._open: set[Connection] = set()
        server = await self._loop.create_server(self._connect, "127.0.0.1", self._asked_port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            await self._stopping.wait()
        finally:
            server.close()
            for connection in list(self._open):
                connection.abort()
            while self._open:  # until the loop has told each that it is lost
                await asyncio.sleep(0)

    def _connect(self) -> Connection:
        self.connections += 1
        return Connection(self._answer, self._left, self._open)

    def _left(self, request: Request) -> None:
        with self._changed:
            self.disconnects.append(request)
            del self.disconnects[: -self._keep]
            self._changed.notify_all()

    # --- answers ---

    async def _answer(self, request: Request) -> Script:
        refused: Reply | None = None
        if has_images_or_bad(request):
            try:
                request.images = await self._loop.run_in_executor(None, decode_images, request)
            except BadImageError as error:
                refused = Reply.error(400, error.message, param="messages", code=error.code)
        with self._changed:
            self.requests.append(request)
            del self.requests[: -self._keep]
            self._changed.notify_all()
        reply = refused or self._choose(request)
        if reply.holds:
            self._played.append(reply)
        return reply.play(request)

    def _choose(self, request: Request) -> Reply:
        path = request.path.partition("?")[0].rstrip("/")
        if path.endswith("/models") and request.method == "GET":
            return self.models_reply or Reply.json({"object": "list", "data": self._listed()})
        if not path.endswith("/chat/completions") or request.method != "POST":
            message = f"Invalid URL ({request.method} {path})"
            return Reply.error(404, message, code="unknown_url")
        with self._changed:
            for number, (reply, when) in enumerate(self._queue):
                if when(request):
                    del self._queue[number]
                    return reply
        return self._complaint(request) or default_reply(request, self.tokens_per_second, is_retry=self._is_retry)

    def _listed(self) -> Iterable[dict[str, Any]]:
        return [{"object": "model", "created": 1_744_000_000, **model} for model in self.models]

    def _complaint(self, request: Request) -> Reply | None:
        """What OpenAI would refuse before any model sees it."""
        if request.headers.get("authorization", "").lower().startswith("bearer sk-bad"):
            return SCENARIOS["401"].make()
        if not isinstance(request.json, dict):
            return Reply.error(400, "We could not parse the JSON body of your request.")
        if not request.model:
            return Reply.error(400, "you must provide a model parameter", param="model")
        if not request.messages:
            message = "Missing required parameter: 'messages'."
            return Reply.error(400, message, param="messages", code="missing_required_parameter")
        return None

    def _is_retry(self, request: Request) -> bool:
        """True when this very body was sent before."""
        digest = hashlib.sha256(request.body).digest()
        with self._changed:
            known = digest in self._tried
            self._tried.add(digest)
        return known


def has_images_or_bad(request: Request) -> bool:
    """True when there is something to decode, or an image where none may be."""
    try:
        return has_images(request)
    except BadImageError:
        return True
