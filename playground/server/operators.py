"""For the people who run the server: who they are, and answers that need nothing of Django's."""

from __future__ import annotations

import hmac

from django.conf import settings

from playground.accounts.local import is_loopback_address, is_loopback_host
from playground.lib.asgi import Scope, Send, header

# A proxy on this machine makes everybody's peer loopback; these tell that one stands there, as does all of X-Forwarded-….
PROXY_HEADERS = {b"forwarded", b"via", b"x-real-ip"}
BEARER = b"bearer "


def may_see(scope: Scope) -> bool:
    """Whether the caller may see figures and details: this machine itself, without a proxy, or whoever has the token."""
    return _is_this_machine(scope) or _has_token(scope)


def shows_token(scope: Scope) -> bool:
    """Whether the caller shows a token where there is one to show; not whether it is the right one."""
    return bool(settings.METRICS_TOKEN and header(scope, b"authorization"))


async def answer(
    scope: Scope, send: Send, status: int, body: bytes, content_type: bytes = b"text/plain; charset=utf-8"
) -> None:
    """A whole answer, which nobody keeps; to HEAD without its body."""
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})


def _is_this_machine(scope: Scope) -> bool:
    """The Host must be loopback too: a page may let its own name point to 127.0.0.1, and then read what it gets."""
    names = {bytes(name).lower() for name, _value in scope["headers"]}
    if names & PROXY_HEADERS or any(name.startswith(b"x-forwarded-") for name in names):
        return False
    peer, hosts = (scope.get("client") or [""])[0], header(scope, b"host")
    return is_loopback_address(peer) and len(hosts) == 1 and is_loopback_host(hosts[0].decode("latin-1"))


def _has_token(scope: Scope) -> bool:
    """In a time that does not depend on how much of it is right."""
    given = header(scope, b"authorization")
    if not settings.METRICS_TOKEN or len(given) != 1 or given[0][: len(BEARER)].lower() != BEARER:
        return False
    return hmac.compare_digest(given[0][len(BEARER) :].strip(), settings.METRICS_TOKEN.encode())
