"""The first admin is made once, by whoever holds the token from the log."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from playground.accounts import setup
from playground.accounts.local import owner
from playground.accounts.models import User

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def nobody_yet(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.IS_LOCAL = False
    setup.remember_admin(False)


def token() -> str:
    notice = setup.token_notice("http://127.0.0.1:8000")
    assert notice
    return notice.rsplit(" ", 1)[1]


def send(client: Client, **changes: str):
    return client.post(
        "/setup/", {"token": "", "username": "ada", "email": "ada@example.org", "password": PASSWORD, **changes}
    )


def test_notice_names_the_page_and_a_token_of_256_bits():
    notice = setup.token_notice("http://127.0.0.1:8000")
    assert notice
    assert "http://127.0.0.1:8000/setup/" in notice
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", notice.rsplit(" ", 1)[1])


def test_token_is_kept_as_a_hash_that_only_the_server_reads(tmp_path: Path):
    secret = token()
    (file,) = tmp_path.iterdir()
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["/", "/settings/", "/accounts/login/", "/accounts/signup/", "/admin/", "/nowhere/"])
def test_every_other_page_leads_to_set_up_while_nobody_is_there(visitor_client, path):
    answer = visitor_client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/setup/")


def test_token_and_a_good_password_make_an_admin_who_is_signed_in(visitor_client):
    assert visitor_client.get("/setup/").status_code == 200
    answer = send(visitor_client, token=token())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    ada = User.objects.get()
    assert (ada.username, ada.email, ada.is_superuser, ada.is_staff) == ("ada", "ada@example.org", True, True)
    assert ada.check_password(PASSWORD)
    assert visitor_client.get("/settings/").status_code == 200


@pytest.mark.parametrize("guess", ["", "x", "\x7f", "é" * 40, "0" * 200, "' OR 1=1 --"])
def test_wrong_token_makes_nobody(visitor_client, guess):
    token()
    assert send(visitor_client, token=guess).status_code == 422
    assert not User.objects.exists()


def test_without_a_notice_no_token_works(visitor_client):
    assert send(visitor_client, token="").status_code == 422
    assert send(visitor_client, token="anything").status_code == 422
    assert not User.objects.exists()


def test_a_new_start_ends_the_old_token(visitor_client):
    old = token()
    new = token()
    assert send(visitor_client, token=old).status_code == 422
    assert send(visitor_client, token=new).status_code == 302


@pytest.mark.parametrize("weak", ["", "short", "fourteen chars", "password1234567890"[:12], "aaaa", "ada"])
def test_admin_password_under_15_characters_is_refused(visitor_client, weak):
    answer = send(visitor_client, token=token(), password=weak)
    assert answer.status_code == 422
    assert not User.objects.exists()


@pytest.mark.parametrize("weak", [None, "elevenchars", "fourteen chars"])
def test_the_page_names_one_length_the_one_that_applies(visitor_client, weak):
    answer = visitor_client.get("/setup/") if weak is None else send(visitor_client, token=token(), password=weak)
    assert "15 characters" in answer.text
    assert "12 characters" not in answer.text


def test_page_is_gone_for_good_once_an_admin_exists(visitor_client):
    secret = token()
    assert send(visitor_client, token=secret).status_code == 302
    assert Client().get("/setup/").status_code == 404
    assert send(Client(), token=secret, username="eve").status_code == 404
    assert User.objects.count() == 1
    assert setup.token_notice() is None


def test_admin_made_on_the_command_line_closes_set_up_too(visitor_client, admin):
    assert visitor_client.get("/setup/").status_code == 404
    assert visitor_client.get("/")["Location"].startswith("/accounts/login/")


def test_owner_of_local_mode_becomes_the_admin_and_keeps_what_is_hers(visitor_client):
    me = owner()
    assert send(visitor_client, token=token()).status_code == 302
    me.refresh_from_db()
    assert (User.objects.count(), me.username, me.check_password(PASSWORD)) == (1, "ada", True)


def test_name_of_somebody_else_is_not_taken_over(visitor_client, bob):
    answer = send(visitor_client, token=token(), username="bob")
    assert answer.status_code == 422
    bob.refresh_from_db()
    assert not bob.is_superuser


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_becomes_admin():
    secret = token()
    answers = []
    ready = threading.Barrier(2)

    def race(name: str) -> None:
        ready.wait()
        answers.append(send(Client(), token=secret, username=name).status_code)
        connection.close()

    threads = [threading.Thread(target=race, args=(name,)) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(302) == 1
    assert User.objects.count() == 1


def test_local_mode_needs_no_token(settings):
    settings.IS_LOCAL = True
    assert setup.token_notice() is None
