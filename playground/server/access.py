"""The access log: one short line per request, without query strings and without the secrets that some paths carry."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("playground.access")

# Static files, images and probes would drown the rest.
QUIET = re.compile(r"^/(static|health|favicon\.ico|metrics)\b")
# Whoever has these paths has what they open.
SECRET = re.compile(r"^(/s/|/accounts/password/reset/key/|/accounts/confirm-email/|/setup/)[^/]+")
UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
MAX_PATH_CHARACTERS = 200


def line_of(details: Mapping[str, Any]) -> str:
    """``GET /c/… 200 12 ms`` from what daphne says about a finished request."""
    path = SECRET.sub(r"\1…", str(details["path"]).partition("?")[0])
    path = UNPRINTABLE.sub("?", path.replace("…", "..."))[:MAX_PATH_CHARACTERS]
    return f"{details['method']} {path} {details['status']} {details['time_taken'] * 1000:.0f} ms"


def log_action(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    """Daphne's action logger."""
    if protocol != "http" or action != "complete":
        return
    if details["status"] >= 500:
        log.warning(line_of(details))
    elif not QUIET.match(str(details["path"])):
        log.info(line_of(details))
