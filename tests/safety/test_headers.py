"""What every answer says to the browser."""

from __future__ import annotations

import re

import httpx
import pytest
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from tests.safety.matrix import ROWS

STANDING = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
GETS = sorted(name for name, row in ROWS.items() if row.get)


@pytest.fixture
def caller(application):
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def check(answer: httpx.Response, **other: str) -> None:
    for name, value in {**STANDING, **other}.items():
        assert answer.headers[name] == value, name
    assert "camera=()" in answer.headers["permissions-policy"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", answer.headers["x-request-id"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", GETS)
async def test_every_route_for_its_owner(name, caller, alice_client, things):
    caller.cookies.set("sessionid", alice_client.cookies["sessionid"].value)
    row = ROWS[name]
    answer = await caller.get(reverse(name, kwargs=things.kwargs(row.names)), params=row.needs(things))
    # The page of a link leads to elsewhere, and must not say what link that was.
    check(answer, **({"referrer-policy": "no-referrer"} if name == "shared" else {}))
    if "html" in answer.headers.get("content-type", ""):
        check_html(answer)


def check_html(answer: httpx.Response) -> None:
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-frame-options"] == "DENY"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    nonces = set(re.findall(r"'nonce-([^']+)'", policy["script-src"]))
    for tag in re.findall(r"<script\b[^>]*>", answer.text):
        given = re.search(r'nonce="([^"]+)"', tag)
        assert 'src="/static/' in tag or (given and given[1] in nonces), tag
    assert not re.search(r"<[^>]+\sstyle=", answer.text)
    assert not re.search(r"<[^>]+\son[a-z]+=", answer.text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/nowhere/", "/accounts/login/", "/", "/admin/", "/static/none.css", "/%00"])
async def test_answers_to_nobody(path, caller):
    answer = await caller.get(path)
    check(answer)
    assert "content-security-policy" in answer.headers


@pytest.mark.django_db(transaction=True)
async def test_answers_that_never_reach_a_view(caller):
    for answer in (
        await caller.post("/settings/", content=b"x" * 2_000_000),
        await caller.post("/settings/", content=b"x", headers={"Content-Encoding": "gzip"}),
        await caller.get("/", headers={"Host": "evil.test"}),
    ):
        assert answer.status_code in {400, 413, 415}
        check(answer)


@pytest.mark.django_db(transaction=True)
async def test_nonce_is_new_every_time(caller, alice_client):
    caller.cookies.set("sessionid", alice_client.cookies["sessionid"].value)
    pages = [await caller.get("/settings/") for _ in range(2)]
    nonces = [re.findall(r"nonce-([^']+)'", page.headers["content-security-policy"]) for page in pages]
    assert all(nonces)
    assert nonces[0] != nonces[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("given", ["abc-DEF_123", "a" * 64])
async def test_harmless_request_id_is_kept(given, caller):
    assert (await caller.get("/nowhere/", headers={"X-Request-ID": given})).headers["x-request-id"] == given


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "given", ["", " ", "a" * 65, "a b", "a;b", "<script>", "a\tb", "é", "a,b", "../x", "%0d%0aX: y", "'\"", "a.b", "{}"]
)
async def test_odd_request_id_is_replaced(given, caller):
    answer = await caller.get("/nowhere/", headers={"X-Request-ID": given.encode("utf-8")})
    assert answer.headers["x-request-id"] != given
    check(answer)


def test_session_cookie_is_for_the_server_alone(alice, visitor_client):
    visitor_client.post("/accounts/login/", {"login": "alice", "password": "alice's long password"})
    cookie = visitor_client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_deployment_check_is_clean():
    with override_settings(
        SESSION_COOKIE_SECURE=True,
        CSRF_COOKIE_SECURE=True,
        SECURE_SSL_REDIRECT=True,
        SECURE_HSTS_SECONDS=31_536_000,
        SECRET_KEY="x7" * 20 + "abcdefghijklmnop",
    ):
        call_command("check", deploy=True, fail_level="WARNING")
