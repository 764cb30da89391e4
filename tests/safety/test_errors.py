"""One error contract on every address: a page in our look, a notice for htmx, and nothing about the inside."""

from __future__ import annotations

import errno
import os

import httpx
import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from playground import urls as real
from playground.lib import error_pages

SECRET = "hunter2-inside"


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def is_locked(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database is locked")


def is_full(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database or disk is full")


def cannot_write(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"/srv/{SECRET}")


def has_no_table(request: HttpRequest) -> HttpResponse:
    raise OperationalError(f"no such table: {SECRET}")


def forbids(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(SECRET)


urlpatterns = [
    path("breaks/", breaks),
    path("locked/", is_locked),
    path("full/", is_full),
    path("no-space/", cannot_write),
    path("no-table/", has_no_table),
    path("forbids/", forbids),
    path("", include(real)),
]
handler400, handler403, handler404, handler429, handler500 = (
    real.handler400,
    real.handler403,
    real.handler404,
    real.handler429,
    real.handler500,
)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(settings, alice_client) -> Client:
    settings.ROOT_URLCONF = __name__
    alice_client.raise_request_exception = False
    return alice_client


CASES = [
    ("/nowhere/", 404),
    ("/forbids/", 403),
    ("/breaks/", 500),
    ("/no-table/", 500),
    ("/locked/", 503),
    ("/full/", 503),
    ("/no-space/", 503),
    ("/%00", 400),
]


@pytest.mark.parametrize(("address", "status"), CASES)
def test_error_is_a_page_of_ours(person, address, status):
    answer = person.get(address)
    assert answer.status_code == status
    text = answer.content.decode()
    assert '<body class="bare"' in text
    assert str(error_pages.TEXTS[status].title) in text
    assert SECRET not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(("address", "status"), CASES)
def test_error_is_a_notice_for_htmx(person, address, status):
    answer = person.get(address, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (status, "#notices", "beforeend")
    text = answer.content.decode()
    assert text.lstrip().startswith("<notice-toast")
    assert "<html" not in text
    assert SECRET not in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "notice"])
async def test_a_bug_shows_the_request_id_that_the_answer_carries(person, headers, application):
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as caller:
        caller.cookies.set("sessionid", person.cookies["sessionid"].value)
        given = await caller.get("/breaks/", headers={**headers, "X-Request-ID": "seen-by-the-proxy"})
        ours = await caller.get("/breaks/", headers=headers)
    assert given.status_code == ours.status_code == 500
    assert given.headers["x-request-id"] == "seen-by-the-proxy"
    for answer in (given, ours):
        assert answer.headers["x-request-id"] in answer.text
        assert SECRET not in answer.text


@pytest.mark.parametrize("address", ["/locked/", "/full/", "/no-space/"])
def test_busy_says_when_to_try_again(person, address):
    assert int(person.get(address)["Retry-After"]) > 0


def test_database_that_fails_while_a_session_is_saved_is_busy_too(person, settings, monkeypatch):
    """Outside the view, where no exception middleware looks: a second connection holds the write lock."""
    settings.SESSION_ENGINE = "tests.safety.locked_sessions"
    answer = person.get("/settings/")
    assert answer.status_code == 503
    assert "Retry-After" in answer


def test_method_that_is_not_taken_gets_a_page_and_keeps_allow(person):
    answer = person.delete("/settings/")
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert b'class="bare"' in answer.content


def test_htmx_without_a_session_is_sent_to_sign_in(visitor_client):
    answer = visitor_client.get("/settings/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (401, "/accounts/login/", b"")


@pytest.mark.parametrize(
    ("page", "leads"),
    [
        ("http://testserver/c/7/?q=a b&c", "/accounts/login/?next=%2Fc%2F7%2F%3Fq%3Da+b%26c"),
        ("https://testserver/settings/", "/accounts/login/?next=%2Fsettings%2F"),
        ("https://evil.example/c/7/", "/accounts/login/"),
        ("javascript:alert(1)", "/accounts/login/"),
        ("", "/accounts/login/"),
    ],
)
def test_who_lost_a_session_comes_back_to_the_page_after_signing_in(visitor_client, page, leads):
    answer = visitor_client.post("/draft/", headers={**HTMX, "HX-Current-URL": page})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, leads)
    assert visitor_client.get("/settings/").status_code == 302


def test_missing_token_is_a_page_that_says_what_to_do(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/settings/", {})
    assert answer.status_code == 403
    assert b"Reload the page" in answer.content


def test_invalid_form_is_422_with_the_field_named_and_the_input_kept(alice_client):
    answer = alice_client.post("/settings/", {"theme": "neon", "send_key": "enter", "default_parameters": "{oops"})
    assert answer.status_code == 422
    assert b"neon" in answer.content
    assert b"{oops" in answer.content


def test_nul_in_a_form_is_422_and_names_the_field(alice_client):
    answer = alice_client.post("/settings/", {"theme": "dark", "send_key": "en\x00ter"})
    assert answer.status_code == 422
    assert b"send_key" in answer.content


def test_too_many_fields_and_too_much_data_are_told_apart(person, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert person.post("/settings/", {"theme": "x" * 200}).status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    assert person.post("/settings/", {str(n): "1" for n in range(5)}).status_code == 400


def test_error_pages_ask_the_database_nothing(person, django_assert_num_queries):
    person.get("/nowhere/")
    request = HttpRequest()
    with django_assert_num_queries(0):
        for status in error_pages.TEXTS:
            assert error_pages.error_response(request, status).status_code == status
        assert connection.queries_log is not None
