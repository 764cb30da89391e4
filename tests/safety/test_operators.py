"""Who gets figures and details: this machine itself, and whoever has the token. See OPERATORS in matrix.py.

No test here has a database: what is answered before Django must not need one.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.checks import run_checks

from playground.server.health import Health
from playground.server.metrics import Metrics
from tests.safety.matrix import OPERATORS

TOKEN = "0123456789abcdef0123456789abcdef"
RIGHT = ("authorization", f"Bearer {TOKEN}")
HERE: dict[str, Any] = {"client": ("127.0.0.1", 5000), "headers": [("host", "127.0.0.1:8000")]}
OUTSIDE: dict[str, Any] = {"client": ("192.0.2.7", 5000), "headers": [("host", "chat.example.org")]}
WHO = {
    "here": HERE,
    "proxied": {**HERE, "headers": [*HERE["headers"], ("x-forwarded-for", "192.0.2.7")]},
    "outside": OUTSIDE,
    "with token": {**OUTSIDE, "headers": [*OUTSIDE["headers"], RIGHT]},
    "wrong token": {**OUTSIDE, "headers": [*OUTSIDE["headers"], ("authorization", f"Bearer {TOKEN[:-1]}x")]},
}


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


async def django(scope, receive, send):
    """What stands behind them."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"Django"})


async def ask(path: str, *, client: Any, headers: list[tuple[str, str]], method: str = "GET", state: str = "ok"):
    """Status, headers and body."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "client": client,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
    caller = ApplicationCommunicator(Metrics(Health(django, state=lambda: state)), scope)
    start, body = await caller.receive_output(10), await caller.receive_output(10)
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


@pytest.mark.parametrize("who", list(WHO))
@pytest.mark.parametrize("path", list(OPERATORS))
async def test_everybody_gets_what_the_matrix_says(path, who):
    status, headers, _body = await ask(path, **WHO[who])
    assert status == OPERATORS[path][who]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("who", list(WHO))
async def test_the_parts_are_for_operators(who):
    _status, _headers, body = await ask("/health/ready", **WHO[who], state="draining")
    if OPERATORS["/metrics"][who] == 200:
        assert orjson.loads(body) == {"ready": False, "server": "draining"}
    else:
        assert body == b"not ready\n"


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("127.0.0.1", 1), [("host", "localhost")]),
        (("127.1.2.3", 1), [("host", "localhost:8000")]),
        (("::1", 1), [("host", "[::1]:8000")]),
        (("::ffff:127.0.0.1", 1), [("host", "127.0.0.1")]),
    ],
)
async def test_this_machine_needs_no_token(client, headers):
    assert (await ask("/metrics", client=client, headers=headers))[0] == 200


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("127.0.0.1", 1), [("host", "localhost"), (name, "127.0.0.1")])
        for name in (
            "forwarded",
            "via",
            "x-real-ip",
            "X-Forwarded-For",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-anything",
        )
    ]
    + [
        (("127.0.0.1", 1), [("host", "chat.example.org")]),  # a proxy that keeps the name, or a name that was rebound
        (("127.0.0.1", 1), [("host", "localhost.example.org")]),
        (("127.0.0.1", 1), [("host", "localhost"), ("host", "localhost")]),
        (("127.0.0.1", 1), []),
        (("192.0.2.7", 1), [("host", "localhost")]),
        (("::ffff:192.0.2.7", 1), [("host", "localhost")]),
        (("", 1), [("host", "localhost")]),
        (None, [("host", "localhost")]),
    ],
)
async def test_what_may_come_from_elsewhere_needs_one(client, headers):
    assert (await ask("/metrics", client=client, headers=headers))[0] == 404
    assert (await ask("/metrics", client=client, headers=[*headers, RIGHT]))[0] == 200


@pytest.mark.parametrize(
    "authorization",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        [TOKEN],
        [f"Basic {TOKEN}"],
        [f"Bearer {TOKEN[:-1]}"],
        [f"Bearer {TOKEN}x"],
        [f"Bearer x{TOKEN}"],
        [f"Bearer {TOKEN.upper()}"],
        [f"Bearer {TOKEN} {TOKEN}"],
        [f"Bearer {TOKEN}", f"Bearer {TOKEN}"],
        ["Bearer \xff\xfe"],
        ["Bearer " + "x" * 100_000],
    ],
)
async def test_a_wrong_token_is_told_so(authorization):
    headers = [*OUTSIDE["headers"], *(("authorization", value) for value in authorization)]
    assert (await ask("/metrics", client=OUTSIDE["client"], headers=headers))[0] == 403


async def test_without_a_token_there_is_nothing_to_guess(settings):
    settings.METRICS_TOKEN = ""
    for value in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        headers = [*OUTSIDE["headers"], ("authorization", value)]
        assert (await ask("/metrics", client=OUTSIDE["client"], headers=headers))[0] == 404


@pytest.mark.parametrize("path", list(OPERATORS))
async def test_they_are_read_and_no_more(path):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, headers, _body = await ask(path, **HERE, method=method)
        assert (status, headers["allow"]) == (405, "GET, HEAD")
    status, headers, body = await ask(path, **HERE, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metricsx", "/health/", "/health/ready/", "/c/"])
async def test_everything_else_is_not_theirs(path):
    assert (await ask(path, **HERE))[0] == 299


@pytest.mark.parametrize(("token", "messages"), [("", 0), ("x" * 16, 0), ("x" * 15, 1), ("admin", 1)])
def test_a_token_that_can_be_guessed_is_refused_at_the_start(settings, token, messages):
    settings.METRICS_TOKEN = token
    assert len([message for message in run_checks() if message.id == "playground.E002"]) == messages
