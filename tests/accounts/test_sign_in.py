"""The door in server mode: who gets in, how often one may guess, and that nobody learns who exists."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test import Client

from playground.accounts.models import User

PASSWORD = "alice's long password"
PAGE = "/accounts/login/"


def try_once(login: str = "alice", password: str = "wrong", peer: str = "192.0.2.1", **headers: str):
    return Client(REMOTE_ADDR=peer, headers=headers).post(PAGE, {"login": login, "password": password})


@pytest.fixture
def alice_with_mail(alice) -> User:
    alice.email = "alice@example.org"
    alice.save(update_fields=["email"])
    return alice


@pytest.mark.parametrize("login", ["alice", "alice@example.org", "ALICE@example.org"])
def test_name_and_mail_both_sign_in(alice_with_mail, login):
    answer = try_once(login, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_sixth_failure_in_five_minutes_is_429_with_retry_after(alice):
    assert [try_once().status_code for _ in range(6)] == [422] * 5 + [429]
    assert int(try_once()["Retry-After"]) > 0
    assert try_once(password=PASSWORD).status_code == 429  # not even the right one is looked at


def test_owner_can_sign_in_from_elsewhere_while_somebody_guesses(alice):
    for _ in range(8):
        try_once()
    assert try_once(password=PASSWORD, peer="198.51.100.7").status_code == 302


def test_limit_ends_by_itself(alice, time_machine):
    start = time.time()
    for _ in range(6):
        try_once()
    time_machine.move_to(start + 301)
    assert try_once(password=PASSWORD).status_code == 302


def test_one_address_may_fail_ten_times_a_minute_whatever_the_name(db):
    statuses = [try_once(login=f"name{n}").status_code for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP"])
def test_made_up_proxy_header_does_not_make_a_new_address(alice, header):
    statuses = [try_once(**{header: f"203.0.113.{n}"}).status_code for n in range(6)]
    assert statuses[-1] == 429


def test_behind_the_operators_own_proxy_addresses_count_apart(alice, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for _ in range(6):
        try_once(**{"X-Forwarded-For": "203.0.113.1"})
    assert try_once(password=PASSWORD, **{"X-Forwarded-For": "203.0.113.1"}).status_code == 429
    assert try_once(password=PASSWORD, **{"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).status_code == 302


def test_thousand_guesses_are_not_looked_at(alice, monkeypatch):
    """At most ten reach the password, however many come."""
    statuses = [try_once().status_code for _ in range(60)]
    assert statuses.count(422) <= 10


def test_known_and_unknown_name_get_the_same_page(alice_with_mail):
    def page(login: str) -> str:
        text = try_once(login, peer="192.0.2.9").content.decode()
        return text.replace(login, "X")

    assert strip(page("alice")) == strip(page("nobody"))
    assert strip(page("alice@example.org")) == strip(page("nobody@example.org"))


def strip(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


class CountingHasher(PBKDF2PasswordHasher):
    """Counts how often a password is hashed: that is where the time of a sign-in goes."""

    iterations = 1
    count = 0

    def encode(self, password, salt, iterations=None):
        CountingHasher.count += 1
        return super().encode(password, salt, iterations)


@pytest.mark.parametrize(("known", "unknown"), [("alice", "nobody"), ("alice@example.org", "nobody@example.org")])
def test_known_and_unknown_name_cost_the_same_hashing(alice_with_mail, settings, known, unknown):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    alice_with_mail.password = make_password(PASSWORD)
    alice_with_mail.save(update_fields=["password"])

    def hashings(login: str) -> int:
        CountingHasher.count = 0
        try_once(login, peer="192.0.2.10")
        return CountingHasher.count

    assert hashings(known) == hashings(unknown) > 0


def test_sign_up_is_closed(visitor_client):
    page = visitor_client.get("/accounts/signup/")
    assert b"closed" in page.content
    visitor_client.post("/accounts/signup/", {"username": "eve", "password1": "a long enough password"})
    assert not User.objects.exists()
    assert b"/accounts/signup/" not in visitor_client.get(PAGE).content


def test_sign_up_opened_makes_plain_accounts(visitor_client, settings):
    settings.IS_SIGNUP_OPEN = True
    assert b"/accounts/signup/" in visitor_client.get(PAGE).content
    form = {"username": "eve", "password1": "a long enough password", "is_staff": "on", "is_superuser": "on"}
    assert visitor_client.post("/accounts/signup/", form).status_code == 302
    eve = User.objects.get()
    assert (eve.username, eve.is_staff, eve.is_superuser) == ("eve", False, False)


@pytest.mark.parametrize("address", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_next_leads_to_this_server_only(alice, address):
    answer = Client().post(PAGE, {"login": "alice", "password": PASSWORD, "next": address})
    assert answer["Location"] == "/"


def test_next_leads_back(alice):
    answer = Client().post(PAGE, {"login": "alice", "password": PASSWORD, "next": "/settings/"})
    assert answer["Location"] == "/settings/"


def test_admin_has_no_door_of_its_own(visitor_client, admin):
    assert visitor_client.get("/admin/login/")["Location"].startswith(PAGE)
    answer = visitor_client.post("/admin/login/", {"username": "admin", "password": "admin's long password"})
    assert answer.status_code == 302
    assert visitor_client.get("/admin/").status_code == 302


def test_account_that_is_switched_off_does_not_get_in(alice):
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    answer = try_once(password=PASSWORD)
    assert answer.status_code in {302, 422}
    assert "sessionid" not in answer.cookies or not answer.wsgi_request.user.is_authenticated


def test_open_sign_up_refuses_weak_passwords(visitor_client, settings):
    settings.IS_SIGNUP_OPEN = True
    for weak in ("", "short", "elevenchars", "password1234", "evelyneve123", "qwertyuiop12"[:11]):
        form = {"username": "evelyneve", "password1": weak}
        assert visitor_client.post("/accounts/signup/", form).status_code == 422, weak
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["twelve chars", "x" * 100 + " y", "только буквы", "🐎🔋📎 correct horse"])
def test_long_passwords_of_any_kind_are_taken(visitor_client, settings, password):
    settings.IS_SIGNUP_OPEN = True
    form = {"username": "eve", "password1": password}
    assert visitor_client.post("/accounts/signup/", form).status_code == 302
    assert try_once("eve", password).status_code == 302
