"""Which pages may open the socket: this server's own, and no other."""

from __future__ import annotations

import pytest
from channels.testing import WebsocketCommunicator

from playground.lib.asgi import OriginGuard, origin_of

OWN = "http://chat.example:8000"
REFUSED = [
    None,
    "",
    "null",
    "NULL",
    "file://",
    "http://",
    "chat.example:8000",
    "//chat.example:8000",
    "https://chat.example:8000",  # another scheme
    "http://chat.example",  # another port
    "http://chat.example:8001",
    "http://chat.example:80000",
    "http://chat.example:99999",
    "http://[::1",
    "http://127.0.0.1:8765.evil.test",
    "http://evil.test",
    "http://evil.test:8000",
    "http://chat.example.evil.test:8000",
    "http://evilchat.example:8000",
    "http://chat.example:8000@evil.test",
    "http://user:pass@chat.example:8000",
    "http://chat.example:8000/",
    "http://chat.example:8000/path",
    "http://chat.example:8000?x",
    "http://chat.example:8000#x",
    "http://chat.example:8000 ",
    "http://chat.example:8000, http://evil.test",
    "http://chat.example\\:8000",
    "http://chat%2eexample:8000",
    "http://chät.example:8000",
    "javascript:alert(1)",
    "chrome-extension://abcdefgh",
    "http://chat.example:-1",
    "http://chat.example:8000\x00",
]


async def accepts(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})


def guard(**changes):
    options = {"allowed_hosts": ["chat.example", "localhost"], "trusted_origins": [], "is_https": False, **changes}
    return OriginGuard(accepts, **options)


async def is_let_in(app, origin: str | None, host: str = "chat.example:8000", extra=()) -> bool:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode("utf-8")))
    socket = WebsocketCommunicator(app, "/ws/", headers=[*headers, *extra])
    is_in, _code = await socket.connect()
    return is_in


async def test_own_page_is_let_in():
    assert await is_let_in(guard(), OWN)


@pytest.mark.parametrize("origin", REFUSED)
async def test_foreign_or_broken_origin_is_refused(origin):
    assert not await is_let_in(guard(), origin)


async def test_two_origins_are_refused():
    assert not await is_let_in(guard(), OWN, extra=[(b"origin", b"http://evil.test")])


async def test_host_that_is_not_ours_is_refused_even_when_it_matches():
    """A rebound name: page and socket agree, and neither is this server."""
    assert not await is_let_in(guard(), "http://evil.test:8000", host="evil.test:8000")


async def test_scheme_behind_a_proxy_that_ends_tls_is_https():
    app = guard(is_https=True)
    assert await is_let_in(app, "https://chat.example", host="chat.example")
    assert not await is_let_in(app, "http://chat.example", host="chat.example")


async def test_proxy_that_changes_the_host_needs_a_trusted_origin():
    app = guard(trusted_origins=["https://chat.example.org"])
    assert await is_let_in(app, "https://chat.example.org", host="localhost:8000")
    assert not await is_let_in(app, "http://chat.example.org", host="localhost:8000")
    assert not await is_let_in(app, "https://chat.example.org.evil.test", host="localhost:8000")


async def test_ipv6_and_default_ports():
    app = guard(allowed_hosts=["[::1]", "chat.example"])
    assert await is_let_in(app, "http://[::1]:8000", host="[::1]:8000")
    assert await is_let_in(app, "http://chat.example", host="chat.example:80")
    assert origin_of(b"https://chat.example") == ("https", "chat.example", 443)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("origin", [None, "null", "http://evil.test", "http://[::1", "http://localhost:99999"])
async def test_the_real_socket_is_behind_the_guard(origin, application):
    assert not await is_let_in(application, origin, host="localhost")


@pytest.mark.django_db(transaction=True)
async def test_socket_of_nobody_is_closed_with_4401(application):
    socket = WebsocketCommunicator(
        application, "/ws/", headers=[(b"host", b"localhost"), (b"origin", b"http://localhost")]
    )
    await socket.connect()
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4401}
    await socket.disconnect()
