"""No other site can make a signed-in person's browser change anything."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.safety.matrix import ROWS
from tests.safety.things import snapshot

POSTS = sorted(name for name, row in ROWS.items() if row.post)
EVERY = sorted(ROWS)
SAFE_METHODS = ("get", "head", "options")
# Clients that read no CSRF token: methods that no form can send are checked all the same.
UNSAFE_METHODS = ("post", "put", "patch", "delete")


def strict_client(user) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_of(client: Client) -> str:
    """The token in the cookie that a page with a form sets."""
    client.get(reverse("settings"))
    return client.cookies["csrftoken"].value


@pytest.mark.parametrize("token", ["none", "wrong", "empty", "somebody else’s"])
@pytest.mark.parametrize("name", POSTS)
def test_post_without_ones_own_token_is_403_and_changes_nothing(name, token, alice, bob, things):
    row = ROWS[name]
    client = strict_client(alice)
    token_of(client)
    data = row.post.data(things)
    if token != "none":
        data = {
            **data,
            "csrfmiddlewaretoken": {"wrong": "a" * 64, "empty": ""}.get(token) or token_of(strict_client(bob)),
        }
    before = snapshot()
    answer = client.post(reverse(name, kwargs=things.kwargs(row.names)), data)
    assert answer.status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("method", UNSAFE_METHODS)
@pytest.mark.parametrize("name", EVERY)
def test_no_method_gets_round_the_token(name, method, alice, things):
    client = strict_client(alice)
    before = snapshot()
    answer = client.generic(method.upper(), reverse(name, kwargs=things.kwargs(ROWS[name].names)), b"{}")
    assert answer.status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data", "text/xml", ""])
@pytest.mark.parametrize("name", POSTS)
def test_content_type_that_needs_no_preflight_gets_nobody_in(name, kind, alice, things):
    client = strict_client(alice)
    before = snapshot()
    url = reverse(name, kwargs=things.kwargs(ROWS[name].names))
    assert client.generic("POST", url, b"title=pwned", content_type=kind).status_code in {400, 403}
    assert snapshot() == before


@pytest.mark.parametrize("method", SAFE_METHODS)
@pytest.mark.parametrize("name", EVERY)
def test_safe_method_changes_nothing(name, method, alice_client, things):
    """An image in an answer may point anywhere, at `/accounts/logout/` too."""
    row = ROWS[name]
    alice_client.raise_request_exception = False
    before = snapshot()
    query = row.needs(things) if row.get else {}
    getattr(alice_client, method)(reverse(name, kwargs=things.kwargs(row.names)), query)
    assert snapshot() == before
    assert alice_client.get(reverse("settings")).status_code == 200  # still signed in


def test_own_token_is_taken(alice):
    """The control: the same request with the right token goes through."""
    client = strict_client(alice)
    token = token_of(client)
    form = {"theme": "dark", "send_key": "enter"}
    assert client.post(reverse("settings"), {**form, "csrfmiddlewaretoken": token}).status_code == 302
    assert client.post(reverse("settings"), form, headers={"X-CSRFToken": token}).status_code == 302


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "http://testserver:8001", "http://testserver.evil.test"]
)
def test_foreign_origin_is_refused_even_with_a_token(alice, origin):
    client = strict_client(alice)
    token = token_of(client)
    answer = client.post(
        reverse("settings"),
        {"theme": "dark", "send_key": "enter", "csrfmiddlewaretoken": token},
        headers={"Origin": origin},
    )
    assert answer.status_code == 403
