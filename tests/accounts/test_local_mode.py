"""Local mode: this machine is the owner, and nobody else is let in."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client

from playground.accounts import setup
from playground.accounts.models import User


@pytest.fixture(autouse=True)
def local_mode(db, settings):
    settings.IS_LOCAL = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "evil.test"]
    setup.remember_admin(False)


def visit(host: str = "localhost:8000", peer: str = "127.0.0.1", **headers: str):
    return Client(REMOTE_ADDR=peer, headers={"host": host, **headers}).get("/settings/")


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("localhost:8000", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1]", "::ffff:127.0.0.1"),
        ("LOCALHOST:8000", "127.1.2.3"),
    ],
)
def test_first_visit_is_the_owner(host, peer):
    assert visit(host, peer).status_code == 200
    me = User.objects.get()
    assert (me.username, me.is_superuser, me.is_staff, me.has_usable_password()) == ("owner", True, True, False)


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("evil.test", "127.0.0.1"),  # a name rebound to 127.0.0.1
        ("evil.test:8000", "127.0.0.1"),
        ("localhost.evil.test", "127.0.0.1"),
        ("127.0.0.1.evil.test", "127.0.0.1"),
        ("localhost:8000", "192.168.1.7"),
        ("localhost:8000", "10.0.0.1"),
        ("localhost:8000", "::ffff:10.0.0.1"),
        ("localhost:8000", ""),
        ("localhost:8000", "unix:"),
        ("0.0.0.0:8000", "127.0.0.1"),
    ],
)
def test_stranger_is_refused_and_no_owner_is_made(host, peer):
    assert visit(host, peer).status_code in {400, 403}
    assert not User.objects.exists()


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "via", "x-forwarded-host"])
def test_proxy_on_this_machine_makes_nobody_the_owner(header):
    assert visit(**{header: "203.0.113.9"}).status_code == 403
    assert not User.objects.exists()


def test_session_does_not_help_a_stranger():
    client = Client(headers={"host": "localhost"})
    assert client.get("/settings/").status_code == 200
    assert client.get("/settings/", headers={"host": "evil.test"}).status_code == 403
    assert client.get("/settings/", REMOTE_ADDR="10.1.1.1").status_code == 403


def test_second_visit_is_the_same_owner():
    visit()
    visit()
    assert User.objects.count() == 1


def test_admin_works_without_a_password():
    assert Client(headers={"host": "localhost"}).get("/admin/").status_code == 200


def test_probe_makes_no_owner():
    Client(headers={"host": "localhost"}).get("/health/live")
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_owner():
    ready = threading.Barrier(4)
    statuses = []

    def race() -> None:
        ready.wait()
        statuses.append(visit().status_code)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert User.objects.count() == 1
