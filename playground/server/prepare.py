"""What must be true before the server can serve, made true: tables, catalogue rows, collected static files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

STAMP_NAME = ".collected"


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
    if stamp.exists() and stamp.read_text(encoding="utf-8") == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(current, encoding="utf-8")
    return True
