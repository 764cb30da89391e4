"""`/health/live` and `/health/ready`, answered before Django: no host check, no session, no database to wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Send], Awaitable[None]]


class Health:
    """Wraps the application. Live: the process answers. Ready: it also takes new work, which it does not while it drains."""

    def __init__(self, application: Application, *, is_ready: Callable[[], bool]) -> None:
        self._application = application
        self._is_ready = is_ready

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        path = scope.get("path")
        if scope["type"] != "http" or path not in {"/health/live", "/health/ready"}:
            await self._application(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, b"")
        elif path == "/health/live" or self._is_ready():
            await _answer(send, 200, b"ok\n" if scope["method"] == "GET" else b"")
        else:
            await _answer(send, 503, b"not ready\n" if scope["method"] == "GET" else b"")


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    headers.append((b"x-content-type-options", b"nosniff"))
    if status == 503:
        headers.append((b"retry-after", b"5"))
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
