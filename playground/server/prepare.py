"""What must be true before the server can serve, made true: tables, catalogue rows, collected static files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from playground.lib.postgres import is_postgres
from playground.server.lock import folder_lock

STAMP_NAME = ".collected"


class Unusable(Exception):
    """The database cannot be used; the text says why, and what to do."""


def check_database() -> None:
    """Raises Unusable when PostgreSQL cannot be reached or stores texts in an encoding that lacks characters."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
    except OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        raise Unusable(_("The database of DATABASE_URL cannot be reached: %(reason)s") % {"reason": reason}) from None
    if encoding != "UTF8":
        raise Unusable(
            _(
                "The database of DATABASE_URL has the encoding %(encoding)s. Make one with: createdb --encoding UTF8 name"
            )
            % {"encoding": encoding}
        )


def place_of_database() -> str:
    """Where the tables are, in words."""
    if is_postgres():
        options = connection.settings_dict
        return f"PostgreSQL, {options['NAME']} on {options['HOST'] or 'this machine'}"
    return str(settings.DATA_DIR)


def has_open_migrations() -> bool:
    """Whether the database lacks tables or columns that this code expects."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def load_catalogue() -> list[str]:
    """Load the rows that ship and those of the environment. Returns what it did, line by line."""
    said = io.StringIO()
    call_command("load_catalog", stdout=said)
    return said.getvalue().strip().splitlines()


def static_digest() -> str:
    """Of every static file's name and content, the project's and its libraries'."""
    total = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            total.update(name.encode())
            total.update(Path(storage.path(name)).read_bytes())
    return total.hexdigest()


def collect_static() -> bool:
    """Collect, hash and compress static files, if they have changed since. Says whether it did."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / STAMP_NAME
    current = static_digest()
    if _reads(stamp, current):
        return False
    with folder_lock(root):
        if _reads(stamp, current):  # another server of this version was quicker
            return False
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(current, encoding="utf-8")
    return True


def _reads(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest
