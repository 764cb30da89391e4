"""How long a session lives, and what ends it."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

PASSWORD = "alice's long password"
NEW = "another long password 2"
DAY = datetime.timedelta(days=1)


def sign_in(client: Client | None = None) -> Client:
    client = client or Client()
    assert client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_fourteen_idle_days_end_it(alice, time_machine):
    client = sign_in()
    now = datetime.datetime.now(datetime.UTC)
    time_machine.move_to(now + 13 * DAY)
    assert is_in(client)
    time_machine.move_to(now + (13 + 13) * DAY)  # used in between: renewed
    assert is_in(client)


def test_without_a_visit_it_ends(alice, time_machine):
    client = sign_in()
    now = datetime.datetime.now(datetime.UTC)
    assert is_in(client)
    time_machine.move_to(now + 14 * DAY + datetime.timedelta(hours=2))
    assert not is_in(client)


def test_thirty_days_end_it_however_busy(alice, time_machine):
    client = sign_in()
    now = datetime.datetime.now(datetime.UTC)
    for day in range(0, 30, 5):
        time_machine.move_to(now + day * DAY)
        assert is_in(client)
    time_machine.move_to(now + 30 * DAY + datetime.timedelta(minutes=1))
    assert not is_in(client)
    sign_in(client)
    assert is_in(client)


def test_sign_in_makes_a_new_session(alice):
    """A session planted before the sign-in is worth nothing after it."""
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    sign_in(client)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)


def test_sign_out_ends_the_session_on_the_server(alice):
    client = sign_in()
    cookie = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert not is_in(thief)


def test_looking_at_the_sign_out_page_does_not_sign_out(alice):
    client = sign_in()
    client.get("/accounts/logout/")
    assert is_in(client)


def test_password_change_ends_every_other_session(alice):
    here, there = sign_in(), sign_in()
    old = here.cookies["sessionid"].value
    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert here.cookies["sessionid"].value != old


def test_password_changed_by_the_admin_ends_it(alice):
    client = sign_in()
    alice.set_password(NEW)
    alice.save()
    assert not is_in(client)


@pytest.mark.parametrize("field", ["is_active"])
def test_account_switched_off_ends_it_at_once(alice, field):
    client = sign_in()
    setattr(alice, field, False)
    alice.save()
    assert not is_in(client)


def test_demotion_is_felt_at_once(admin, admin_client):
    assert admin_client.get("/admin/").status_code == 200
    admin.is_superuser = admin.is_staff = False
    admin.save()
    assert admin_client.get("/admin/").status_code == 302


def test_reading_pages_does_not_write_a_session_each_time(alice, django_assert_max_num_queries):
    client = sign_in()
    is_in(client)
    with django_assert_max_num_queries(12) as queries:
        client.get("/settings/")
    assert not [query for query in queries if "django_session" in query["sql"] and "SELECT" not in query["sql"]]
