"""`/health/live` and `/health/ready`, answered before Django: no host check, no session, no database to wait for.

Whether the database answers is known already when somebody asks (`server.watch`); a model is never asked. Anybody gets a word,
operators get the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orjson import dumps

from playground.lib.asgi import ASGIApp, Receive, Scope, Send
from playground.server.operators import answer, may_see
from playground.server.watch import Watch

PATHS = {"/health/live", "/health/ready"}


class Health:
    """Wraps the application. Live: the process answers. Ready: it also takes new work.

    It does not while it starts or drains, which `state` says in a word ("ok" otherwise), nor while a part that it needs is away.
    """

    def __init__(self, app: ASGIApp, *, state: Callable[[], str], parts: Sequence[Watch] = ()) -> None:
        self._app, self._state, self._parts = app, state, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        if scope["type"] != "http" or path not in PATHS:
            await self._app(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await answer(scope, send, 405, b"")
        elif path == "/health/live":
            await answer(scope, send, 200, b"ok\n")
        else:
            await self._say_ready(scope, send)

    async def _say_ready(self, scope: Scope, send: Send) -> None:
        state = self._state()
        is_ready = state == "ok" and all(part.is_up for part in self._parts if part.is_needed)
        status = 200 if is_ready else 503
        if not may_see(scope):
            await answer(scope, send, status, b"ok\n" if is_ready else b"not ready\n")
            return
        words = {"server": state} | {part.name: "ok" if part.is_up else "away" for part in self._parts}
        await answer(scope, send, status, dumps({"ready": is_ready, **words}) + b"\n", b"application/json")
