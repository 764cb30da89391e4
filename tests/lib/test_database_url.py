"""DATABASE_URL: what is understood, what is refused, and that no message quotes it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground.lib.database_url import LIMITS, read_database_url


def test_the_parts_of_an_address_are_read():
    read = read_database_url("postgres://people%40home:p%2Fss@db.example.org:6432/play")
    assert read["ENGINE"] == "django.db.backends.postgresql"
    assert [read[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "people@home",
        "p/ss",
        "db.example.org",
        "6432",
        "play",
    ]


def test_a_connection_is_kept_looked_at_and_never_waited_for_without_end():
    read = read_database_url("postgresql://db/play")
    assert (read["CONN_MAX_AGE"], read["CONN_HEALTH_CHECKS"]) == (None, True)
    assert read["OPTIONS"]["connect_timeout"] == 5
    assert read["OPTIONS"]["application_name"] == "playground"
    assert "statement_timeout" in read["OPTIONS"]["options"]


def test_parameters_of_the_address_win():
    read = read_database_url("postgres://db/play?sslmode=verify-full&options=-c%20statement_timeout%3D5s")
    assert read["OPTIONS"]["sslmode"] == "verify-full"
    assert read["OPTIONS"]["options"] == f"{LIMITS} -c statement_timeout=5s"


def test_a_socket_of_this_machine_can_be_named():
    assert read_database_url("postgres://%2Frun%2Fpostgresql/play")["HOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://db/play", "not mysql://"),
        ("sqlite:///play.db", "leave it unset for SQLite"),
        ("db.example.org/play", "no address"),
        ("postgres://hunter2@db", "must name a database"),
        ("postgres://hunter2@db/", "must name a database"),
        ("postgres://me:hunter2%zz@db/play", "percent-encode"),
        ("postgres://me:hunter2@db/play?colour=red", "colour"),
    ],
)
def test_nonsense_is_refused_in_words_that_hold_no_password(url, said):
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        read_database_url(url)
    assert "hunter2" not in str(refused.value)
