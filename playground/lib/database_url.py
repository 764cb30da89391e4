"""DATABASE_URL read into Django's settings of a database. PostgreSQL only: https://www.postgresql.org/docs/current/libpq-connect.html"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

EXAMPLE = "postgres://playground:password@db.example.org:5432/playground"
SCHEMES = ("postgres", "postgresql")
CONNECT_S = 5
# No request waits longer than this: for another transaction's rows, for one statement, and for a machine that is gone. Somebody
# who forgets a transaction keeps others waiting, so it ends too. `migrate` lifts the first two (playground.lib.postgres).
LIMITS = "-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=300s"
LINE = {"tcp_user_timeout": 30_000, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
# Of libpq, by the names that Django has for them.
_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def read_database_url(url: str) -> dict[str, Any]:
    """`DATABASES["default"]`. Parameters of libpq may follow a `?`, such as `sslmode=verify-full`.

    Raises ImproperlyConfigured, which never quotes the address: it may hold a password.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    scheme = urlsplit(url).scheme if "://" in url else ""
    if scheme not in SCHEMES:
        what = f"{scheme}://" if scheme else "something that is no address"
        raise ImproperlyConfigured(
            f"DATABASE_URL must name a PostgreSQL database, such as {EXAMPLE}, not {what}; leave it unset for SQLite"
        )
    try:
        read = {name: value for name, value in conninfo_to_dict(url).items() if value not in {None, ""}}
    except ProgrammingError as error:
        reason = str(error).strip() if "query parameter" in str(error) else "percent-encode what is special in it"
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read ({reason}); an example: {EXAMPLE}") from None
    if "dbname" not in read:
        raise ImproperlyConfigured(f"DATABASE_URL must name a database behind the host, such as {EXAMPLE}")
    named = {ours: read.pop(theirs) for theirs, ours in _NAMES.items() if theirs in read}
    limits = f"{LIMITS} {read.pop('options', '')}".rstrip()  # the operator's own come last, and win
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        # Threads are used again, and their connections with them; each request looks whether its own still stands.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": CONNECT_S, "application_name": "playground", **LINE, **read, "options": limits},
        "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"},
    }
