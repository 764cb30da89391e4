"""One server for a database of PostgreSQL, or several that share a run log."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from playground.lib.postgres import own_connection
from playground.server import lock
from playground.server.lock import AlreadyRunning, DatabaseLock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def held(*, is_shared: bool = False, on_lost=lambda: None) -> DatabaseLock:
    return DatabaseLock(address="http://10.0.0.1:8000", is_shared=is_shared, on_lost=on_lost)


def cut(one: DatabaseLock) -> None:
    """As a restart of the database does."""
    (pid,) = one._connection.cursor().execute("SELECT pg_backend_pid()").fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_second_server_is_refused_and_told_who_is_there():
    with held(), pytest.raises(AlreadyRunning) as refused:
        held().__enter__()
    assert refused.value.holder.startswith("http://10.0.0.1:8000 (on ")
    with held():
        pass  # free again


def test_servers_that_share_a_run_log_are_many_and_let_no_lonely_one_in():
    with held(is_shared=True), held(is_shared=True), pytest.raises(AlreadyRunning):
        held().__enter__()
    with held(), pytest.raises(AlreadyRunning):
        held(is_shared=True).__enter__()


def test_it_is_taken_again_when_the_database_was_away(monkeypatch):
    monkeypatch.setattr(lock, "LOOK_EVERY_S", 0.05)
    taken = threading.Event()
    with held() as one:
        take = one._take
        monkeypatch.setattr(one, "_take", lambda: take() and (taken.set() or True))
        cut(one)
        assert taken.wait(30)
        with pytest.raises(AlreadyRunning):
            held().__enter__()


def test_a_server_whose_database_another_has_taken_hears_of_it(monkeypatch):
    monkeypatch.setattr(lock, "LOOK_EVERY_S", 3600)
    lost = threading.Event()
    one = held(on_lost=lost.set)
    with one:
        cut(one)
        with held():
            assert not one._take_again()
            monkeypatch.setattr(lock, "LOOK_EVERY_S", 0.05)
            thread = threading.Thread(target=one._look_after)
            own, one._connection = one._connection, own_connection()
            one._connection.cursor()
            cut(one)
            thread.start()
            assert lost.wait(30)
            thread.join(30)
        own.close()
