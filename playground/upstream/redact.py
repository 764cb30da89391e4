"""Makes what a server said safe to show and to keep: no keys, no markup, no control characters, not too long."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from playground.lib.keys import MASK, mask_keys

MESSAGE_CHARS = 300
RAW_CHARS = 4000
_MIN_SECRET_CHARS = 6  # shorter values are words, not keys

_SCRIPTS = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[/!?a-zA-Z][^>]*>?")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with everything masked that looks like a key, and each of `secrets` wherever it stands."""
    for secret in secrets:
        if len(secret) >= _MIN_SECRET_CHARS:
            text = text.replace(secret, MASK)
    return mask_keys(text)


def shown(text: str, secrets: Iterable[str] = ()) -> str:
    """One line of plain text a person may see: at most 300 characters, no markup."""
    text = _SCRIPTS.sub(" ", text[: 20 * RAW_CHARS])
    plain = html.unescape(_TAGS.sub(" ", text))
    return redact(_BLANKS.sub(" ", plain).strip(), secrets)[:MESSAGE_CHARS]


def title_of(page: str) -> str:
    """The title of an HTML page, or its text when it has none."""
    found = _TITLE.search(page[: 20 * RAW_CHARS])
    return found[1] if found and found[1].strip() else page


def kept(body: bytes, secrets: Iterable[str] = ()) -> str:
    """The body for the Raw tab: redacted, then cut."""
    text = body[: 4 * RAW_CHARS].decode("utf-8", "replace").replace("\x00", "\ufffd")
    return redact(text, secrets)[:RAW_CHARS]
