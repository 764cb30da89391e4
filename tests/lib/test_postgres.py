"""Locks over processes, and limits that `migrate` lifts: on PostgreSQL itself."""

from __future__ import annotations

import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from playground.lib.error_pages import is_busy
from playground.lib.postgres import Lock, alone, alone_or_not_at_all, hold, no_hurry, own_connection

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def in_thread(act) -> threading.Thread:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_who_comes_second_says_so_and_waits():
    waits, entered = threading.Event(), threading.Event()

    def second() -> None:
        with alone(Lock.PREPARE, on_wait=waits.set):
            entered.set()

    with alone(Lock.PREPARE):
        thread = in_thread(second)
        assert waits.wait(30)
        assert not entered.is_set()
    thread.join(30)
    assert entered.is_set()


def test_what_another_process_does_is_not_done_twice():
    found = []

    def second() -> None:
        with alone_or_not_at_all(Lock.UPKEEP) as is_ours:
            found.append(is_ours)

    with alone_or_not_at_all(Lock.UPKEEP) as is_ours:
        assert is_ours
        in_thread(second).join(30)
    in_thread(second).join(30)
    assert found == [False, True]


def test_a_name_is_held_until_the_transaction_ends():
    order = []

    def second() -> None:
        with transaction.atomic():
            hold("a")
            order.append("second")

    with transaction.atomic():
        hold("a")
        thread = in_thread(second)
        in_thread(lambda: transaction.atomic(hold)("another")).join(30)
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"]


def test_requests_have_limits_that_patient_work_and_migrations_lift():
    assert (setting("lock_timeout"), setting("statement_timeout")) == ("10s", "30s")
    with no_hurry():
        assert (setting("lock_timeout"), setting("statement_timeout")) == ("0", "0")
    seen = []

    def look(execute, statement, *rest):
        if statement.startswith("SET statement_timeout"):
            seen.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(look):
        call_command("migrate", verbosity=0)
    assert seen == ["SET statement_timeout = 0"]
    assert setting("statement_timeout") == "30s"


def test_a_lock_that_takes_too_long_and_a_connection_that_is_gone_are_busy():
    own = own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
            with transaction.atomic(), connection.cursor() as holder:
                holder.execute("LOCK TABLE chat_draft")
                with pytest.raises(OperationalError) as waited:
                    cursor.execute("SELECT * FROM chat_draft")
            assert is_busy(waited.value)
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            with connection.cursor() as other:
                other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
            with pytest.raises(OperationalError) as lost:
                cursor.execute("SELECT 1")
            assert is_busy(lost.value)
    finally:
        own.close()
