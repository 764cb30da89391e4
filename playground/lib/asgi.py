"""Guards around the whole application, outside Django: body limits, socket origins, request ids, headers.

Django reads a body to its end before any view or login check, so a limit inside it comes too late. Each guard is a plain
ASGI application that takes another one; `playground.asgi` composes them. A refusal is not answered here: the guard writes
`scope["playground.refused"]` (an HTTP status), hands Django an empty body, and `playground.lib.middleware.refusals`
answers with the page or fragment that every other error has.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.http.request import validate_host

from playground.lib import logs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

REFUSED = "playground.refused"
REQUEST_ID = "playground.request_id"
MEGABYTE = 1024 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")

# On every answer, also those that never reach Django's own middleware. Features that no page of ours uses are off.
STANDING_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), microphone=(), "  # noqa: ISC004
        b"midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
)


def header(scope: Scope, name: bytes) -> list[bytes]:
    """Every value of a request header, in order; `name` in lower case."""
    return [value for key, value in scope["headers"] if key.lower() == name]


@dataclass(frozen=True)
class BodyLimits:
    """How many bytes a request may carry, by what is known before its body is read.

    `large` pairs a path prefix with a limit in bytes, longest prefix first; everything else gets `default`. Without a
    session cookie nothing large is ever due, so the limit is `default` everywhere.
    """

    session_cookie: str
    large: Sequence[tuple[str, int]] = ()
    default: int = MEGABYTE

    def for_request(self, path: str, cookies: Iterable[bytes]) -> int:
        limit = next((limit for prefix, limit in self.large if path.startswith(prefix)), self.default)
        return limit if limit <= self.default or self._has_session(cookies) else self.default

    def _has_session(self, cookies: Iterable[bytes]) -> bool:
        for line in cookies:
            try:
                if self.session_cookie in SimpleCookie(line.decode("latin-1")):
                    return True
            except CookieError:
                continue
        return False


class BodyLimit:
    """Refuses bodies that are too large (413) or compressed (415), whatever their Content-Length claims."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = self.limits.for_request(scope["path"], header(scope, b"cookie"))
        refused = self._refused_by_head(scope, limit)
        if refused:
            scope[REFUSED] = refused
        await self.app(scope, _Counted(scope, receive, limit), send)
        return None

    def _refused_by_head(self, scope: Scope, limit: int) -> int | None:
        if any(value.strip().lower() not in {b"", b"identity"} for value in header(scope, b"content-encoding")):
            return 415
        lengths = header(scope, b"content-length")
        if len(set(lengths)) > 1 or any(not value.isdigit() for value in lengths):
            return 400
        # A length of thousands of digits is not worth parsing.
        return 413 if any(len(value) > 18 or int(value) > limit for value in lengths) else None


class _Counted:
    """A `receive` that counts the body and ends it where it becomes too large; what still comes is thrown away."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self.scope = scope
        self.receive = receive
        self.left = limit
        self.is_over = False

    async def __call__(self) -> Message:
        if self.is_over:
            return await self._next_but_body()
        if self.scope.get(REFUSED):
            return self._end()
        message = await self.receive()
        if message["type"] != "http.request":
            return message
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            self.scope[REFUSED] = 413
            return self._end()
        self.is_over = not message.get("more_body", False)
        return message

    def _end(self) -> Message:
        self.is_over = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _next_but_body(self) -> Message:
        while True:
            message = await self.receive()
            if message["type"] != "http.request":
                return message


class RequestId:
    """Gives every request an id: the client's `X-Request-ID` if it is harmless, else a fresh one; answers and logs carry it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        given = header(scope, b"x-request-id")
        is_harmless = len(given) == 1 and _REQUEST_ID.fullmatch(given[0])
        request_id = given[0] if is_harmless else secrets.token_urlsafe(12).encode()
        scope[REQUEST_ID] = request_id.decode()
        # A socket's messages are many, and have no headers.
        send = _adding(send, [(b"x-request-id", request_id)]) if scope["type"] == "http" else send
        token = logs.request_id.set(request_id.decode())
        try:
            await self.app(scope, receive, send)
        finally:
            logs.request_id.reset(token)
        return None


class StandingHeaders:
    """Puts `STANDING_HEADERS` on every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        await self.app(scope, receive, _adding(send, STANDING_HEADERS))
        return None


def _adding(send: Send, extra: Iterable[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {bytes(name).lower() for name, _ in headers}
            message = {**message, "headers": headers + [pair for pair in extra if pair[0] not in present]}
        await send(message)

    return send_with_headers


class OriginGuard:
    """Refuses websockets that a page of another site opens: 403, also for a missing, `null` or malformed Origin.

    The Origin must be this server's own scheme, host and port, as the request names them, with a host that
    `allowed_hosts` lists; or one of `trusted_origins` to the letter, which is what a proxy in front needs.
    """

    def __init__(
        self, app: ASGIApp, *, allowed_hosts: Sequence[str], trusted_origins: Sequence[str], is_https: bool = False
    ) -> None:
        self.app = app
        self.allowed_hosts = list(allowed_hosts)
        self.trusted = {place for origin in trusted_origins if (place := origin_of(origin.encode()))}
        self.is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not self._is_own(scope):
            await receive()  # websocket.connect
            # Before an accept, a close is an HTTP 403.
            await send({"type": "websocket.close", "code": 4403})
            return None
        return await self.app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        origins, hosts = header(scope, b"origin"), header(scope, b"host")
        origin = origin_of(origins[0]) if len(origins) == 1 else None
        if origin is None or len(hosts) != 1:
            return False
        if origin in self.trusted:
            return True
        scheme = "https" if self.is_https or scope.get("scheme") in {"wss", "https"} else "http"
        own = origin_of(f"{scheme}://".encode() + hosts[0])
        return origin == own and validate_host(origin[1], self.allowed_hosts)


def origin_of(value: bytes) -> tuple[str, str, int] | None:
    """Scheme, host and port of an Origin header; None when it is not exactly an http(s) origin."""
    try:
        text = value.decode("ascii").lower()
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except (UnicodeDecodeError, ValueError):
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or re.search(r"[\s\\%]", text):
        return None
    shown = f"[{host}]" if ":" in host else host
    if text not in {f"{parts.scheme}://{shown}", f"{parts.scheme}://{shown}:{port}"}:
        return None
    return parts.scheme, shown, port or _DEFAULT_PORTS[parts.scheme]
