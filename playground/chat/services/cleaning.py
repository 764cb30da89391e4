"""Text and ids as they may be stored."""

from __future__ import annotations

import re
import secrets

from django.utils.translation import gettext as _

from playground.chat.errors import InvalidInput
from playground.lib.json_input import is_storable

MAX_TEXT_BYTES = 16 * 1024 * 1024  # a prompt of a million tokens is 4 to 16 MB of text
MAX_TITLE = 200  # characters, the column's own limit

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def clean_text(text: str, field: str = "text") -> str:
    """`text` with Unix line ends. Raises InvalidInput for what a database may refuse and for more than 16 MB."""
    if not is_storable(text):
        raise InvalidInput.of(field, _("The text holds a NUL character or half of a surrogate pair."))
    if len(text) > MAX_TEXT_BYTES or (len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES):
        raise InvalidInput.of(field, _("The text is longer than 16 MB."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean_title(title: str) -> str:
    """One line without control characters, at most 200 characters. Raises InvalidInput when nothing is left."""
    line = " ".join("".join(char if char.isprintable() else " " for char in clean_text(title, "title")).split())
    if not line:
        raise InvalidInput.of("title", _("Give it a title."))
    return line[:MAX_TITLE]


def clean_request_id(request_id: str) -> str:
    """The id as it came, or a fresh one when the page sent none. Raises InvalidInput."""
    if not request_id:
        return secrets.token_urlsafe(24)
    if not _REQUEST_ID.fullmatch(request_id):
        raise InvalidInput.of("request_id", _("The request id may hold 1 to 64 letters, digits, - and _."))
    return request_id
