"""First-run set-up in server mode: who holds the token from the log makes the first admin, once.

The token is 256 bits, lives in the log and in the operator's hands, and only its hash is kept, in `DATA_DIR`. Every start
without an admin makes a new one. Once an admin who can sign in exists, set-up is closed for good.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from playground.accounts.models import User

TOKEN_BYTES = 32
_FILE_NAME = "setup-token.sha256"


class SetupClosed(Exception):
    """An admin exists already, or the token has been used."""


class _Known:
    """What this process knows for good: an admin, once seen, is not looked for again."""

    has_admin = False


def has_admin() -> bool:
    """Whether somebody can administer this server: an active superuser with a password. One query until it is true."""
    if not _Known.has_admin:
        admins = User.objects.filter(is_superuser=True, is_active=True)
        _Known.has_admin = any(admin.has_usable_password() for admin in admins.only("password")[:50])
    return _Known.has_admin


def remember_admin(is_there: bool = True) -> None:
    """Set what this process knows: True closes set-up without a query, False makes it look again."""
    _Known.has_admin = is_there


def token_notice(address: str = "") -> str | None:
    """What the log says at start: where to go and a fresh token. None in local mode and once an admin exists.

    A token from an earlier start no longer works.
    """
    if settings.IS_LOCAL or has_admin():
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _write(_digest(token))
    page = f"{address.rstrip('/')}/setup/"
    return gettext("No admin yet. Open %(page)s and enter this one-time set-up token: %(token)s") % {
        "page": page,
        "token": token,
    }


def is_token(token: str) -> bool:
    """Whether `token` is the one from the log. Takes the same time whatever is wrong with it."""
    try:
        stored = _path().read_text(encoding="ascii").strip()
    except OSError:
        stored = ""
    return hmac.compare_digest(_digest(token), stored)


def make_admin(*, username: str, email: str, password: str) -> User:
    """The first admin. Uses up the token; of two at once one gets `SetupClosed`.

    Data from local mode stays with its owner: that user is given the name and the password.
    """
    with transaction.atomic():
        remember_admin(False)
        if has_admin():
            raise SetupClosed
        user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first() or User()
        user.username, user.email = username, email
        user.is_superuser = user.is_staff = True
        user.set_password(password)
        user.save()
        try:
            # Whoever removes the file has won: a file can be removed once.
            _path().unlink()
        except FileNotFoundError:
            raise SetupClosed from None
    remember_admin()
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _path() -> Path:
    return Path(settings.DATA_DIR) / _FILE_NAME


def _write(digest: str) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(digest)
    fresh.replace(path)
