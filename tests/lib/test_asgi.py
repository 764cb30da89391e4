"""The guards round the application, on an application that says what reached it."""

from __future__ import annotations

import pytest
from asgiref.testing import ApplicationCommunicator

from playground.lib.asgi import REFUSED, BodyLimit, BodyLimits, RequestId

LIMITS = BodyLimits(session_cookie="sessionid", large=(("/c/", 1000),), default=100)


async def reads_all(scope, receive, send):
    """Answers 200, or what the guard wrote, with the number of bytes that came through."""
    size, more = 0, True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        size += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": scope.get(REFUSED, 200), "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def send(chunks: list[bytes], headers=(), path: str = "/x/", app=reads_all) -> tuple[int, int]:
    scope = {"type": "http", "path": path, "headers": [(name.encode(), value.encode()) for name, value in headers]}
    caller = ApplicationCommunicator(BodyLimit(app, LIMITS), scope)
    for number, chunk in enumerate(chunks):
        await caller.send_input({"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1})
    start = await caller.receive_output()
    body = await caller.receive_output()
    return start["status"], int(body["body"])


SIGNED_IN = ("cookie", "a=b; sessionid=x")


@pytest.mark.parametrize(
    ("chunks", "headers", "path", "status"),
    [
        ([b""], [], "/x/", 200),
        ([b"x" * 100], [], "/x/", 200),
        ([b"x" * 101], [], "/x/", 413),
        ([b"x" * 60, b"x" * 60], [], "/x/", 413),  # chunked
        ([b"x"] * 101, [], "/x/", 413),
        ([b"x" * 101], [("content-length", "5")], "/x/", 413),  # says less than it sends
        ([b"x"], [("content-length", "101")], "/x/", 413),  # says more: refused before it is read
        ([b"x"], [("content-length", "9" * 5000)], "/x/", 413),
        ([b"x"], [("content-length", "-1")], "/x/", 400),
        ([b"x"], [("content-length", "1e3")], "/x/", 400),
        ([b"x"], [("content-length", "1"), ("content-length", "2")], "/x/", 400),
        ([b"x"], [("content-encoding", "gzip")], "/x/", 415),
        ([b"x"], [("content-encoding", "identity, br")], "/x/", 415),
        ([b"x"], [("content-encoding", "identity")], "/x/", 200),
        ([b"x" * 1000], [SIGNED_IN], "/c/1/", 200),
        ([b"x" * 1001], [SIGNED_IN], "/c/1/", 413),
        ([b"x" * 101], [], "/c/1/", 413),  # nobody needs no large body
        ([b"x" * 101], [("cookie", "xsessionid=1; a=sessionid")], "/c/1/", 413),
        ([b"x" * 101], [("cookie", "\x00;;=;sessionid")], "/c/1/", 413),
        ([b"x" * 101], [SIGNED_IN], "/x/c/", 413),
    ],
)
async def test_body_limit(chunks, headers, path, status):
    answered, size = await send(chunks, headers, path)
    assert answered == status
    assert size <= 1000 if status == 200 else size <= 100


async def test_refused_body_does_not_reach_the_application():
    assert await send([b"x"], [("content-length", "101")]) == (413, 0)


async def test_disconnect_is_still_heard_after_a_refusal():
    heard = []

    async def waits(scope, receive, send):
        heard.extend([await receive(), await receive()])

    caller = ApplicationCommunicator(BodyLimit(waits, LIMITS), {"type": "http", "path": "/", "headers": []})
    await caller.send_input({"type": "http.request", "body": b"x" * 101, "more_body": True})
    await caller.send_input({"type": "http.request", "body": b"x" * 101, "more_body": True})
    await caller.send_input({"type": "http.disconnect"})
    await caller.wait()
    assert [message["type"] for message in heard] == ["http.request", "http.disconnect"]


async def test_sockets_and_lifespan_pass_untouched():
    seen = []

    async def notes(scope, receive, send):
        seen.append(scope["type"])

    for kind in ("websocket", "lifespan"):
        await RequestId(BodyLimit(notes, LIMITS))({"type": kind, "headers": []}, None, None)
    assert seen == ["websocket", "lifespan"]
