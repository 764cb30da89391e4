"""48 bodies for every address that takes one, as a stranger and signed in: a 4xx, never a 5xx, and no row changes."""

from __future__ import annotations

import json
import os

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from tests.lib.test_json_input import BAD
from tests.safety.matrix import ROWS
from tests.safety.things import CANARY, snapshot

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "multipart/form-data; boundary=b"


def part(disposition: str, content: bytes = b"x") -> bytes:
    return b"--b\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n--b--\r\n"


# name -> (content type, body)
FORMS: dict[str, tuple[str, bytes]] = {
    "no body": (FORM, b""),
    "no type": ("", b"a=1"),
    "odd type": ("application/octet-stream", os.urandom(100)),
    "xml": ("text/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "broken type": ("multipart/form-data", b"--b--"),
    "NUL in a value": (FORM, b"title=a%00b&text=a%00b&theme=a%00b&token=%00&q=%00"),
    "NUL in a name": (FORM, b"a%00b=1"),
    "bad UTF-8": (FORM, b"title=%ff%fe&text=%c0%80"),
    "surrogate": (FORM, b"title=%ed%a0%80&text=%ed%a0%80"),
    "100,000 fields": (FORM, b"&".join(b"a%d=1" % n for n in range(100_000))),
    "long name": (FORM, b"a" * 500_000 + b"=1"),
    "long value": (FORM, b"title=" + b"a" * 900_000),
    "huge": (FORM, b"title=" + b"a" * 2_000_000),
    "charset": (FORM + "; charset=utf-7", b"title=+AGE-"),
    "no such charset": (FORM + "; charset=klingon", b"title=a"),
    "multipart cut": (BOUNDARY, b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx"),
    "multipart without a name": (BOUNDARY, part("form-data")),
    "multipart NUL in a file name": (BOUNDARY, part('form-data; name="f"; filename="a\x00.png"')),
    "multipart path in a file name": (BOUNDARY, part('form-data; name="f"; filename="../../x"')),
    "multipart NUL": (BOUNDARY, part('form-data; name="text"', b"a\x00b")),
    "multipart base64": (
        BOUNDARY,
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + b" " * 99_999,
    ),
    "multipart long boundary": ("multipart/form-data; boundary=" + "b" * 10_000, b""),
    "multipart many files": (
        BOUNDARY,
        b"".join(b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n' for _ in range(300))
        + b"--b--\r\n",
    ),
}
BODIES = {
    **FORMS,
    **{f"JSON {name}": ("application/json", body) for name, body in BAD.items()},
    "JSON list": ("application/json", b"[]"),
    "JSON null": ("application/json", b"null"),
    "JSON million": ("application/json", json.dumps([{"role": "user"}] * 50_000).encode()),
}
POSTS = sorted(name for name, row in ROWS.items() if row.post)


@pytest.fixture
def caller(application):
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost")


def test_there_are_enough_bodies():
    assert len(BODIES) >= 48


@pytest.mark.parametrize("name", POSTS)
def test_no_body_breaks_an_address(name, alice, things):
    client = Client(raise_request_exception=False)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse(name, kwargs=things.kwargs(ROWS[name].names))
    for label, (kind, body) in BODIES.items():
        answer = client.generic("POST", url, body, content_type=kind)
        assert answer.status_code < 500, f"{label}: {answer.status_code}"
        client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")  # sign-out is one of them


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", POSTS)
async def test_stranger_gets_a_refusal_and_changes_nothing(name, caller, things):
    from asgiref.sync import sync_to_async

    before = await sync_to_async(snapshot)()
    url = reverse(name, kwargs=things.kwargs(ROWS[name].names))
    for label, (kind, body) in BODIES.items():
        answer = await caller.post(url, content=body, headers={"Content-Type": kind} if kind else {})
        assert answer.status_code in {302, 400, 403, 404, 413, 415, 422}, f"{label}: {answer.status_code}"
        assert CANARY not in answer.text
    assert await sync_to_async(snapshot)() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/nowhere/", "/accounts/login/", "/c/messages/", "/static/x.css", "/admin/login/"])
async def test_large_body_of_a_stranger_is_413_before_anything_else(path, caller):
    async def endless():
        for _ in range(40):
            yield b"x" * 65_536

    assert (await caller.post(path, content=b"x" * 1_100_000)).status_code == 413
    assert (await caller.post(path, content=endless())).status_code == 413
    packed = await caller.post(path, content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path",
    [
        "/%00", "/settings/%00", "/settings/?a=%00", "/settings/?%00=1", "/%ff%fe", "/%ed%a0%80/", "/?q=%ed%a0%80",
        "/c/%00/", "/c/..%2f..%2fetc/passwd", "/" + "a" * 5000, "/search/?q=" + "%25" * 500, "/?" + "&".join(["a=1"] * 3000),
        "/c/00000000-0000-0000-0000-00000000000g/", "//evil.test/", "/\\evil.test", "/accounts/login/?next=//evil.test",
        "/accounts/login/?next=%00", "/admin/accounts/user/99999999999999999999999/change/", "/%0d%0aX-Evil:1",
    ],
)  # fmt: skip
async def test_odd_address_is_answered(path, caller, admin_client):
    for cookie in ("", f"sessionid={admin_client.cookies['sessionid'].value}"):
        answer = await caller.get(path, headers={"Cookie": cookie})
        assert answer.status_code < 500
        assert "evil.test" not in answer.headers.get("location", "")
        assert "x-evil" not in answer.headers
