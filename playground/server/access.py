"""The access log: one short line per request, without query strings and without the secrets that some paths carry.

Daphne tells of the end of a request while the application sends it, so the request's id is known here (`lib.logs`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter

from playground.lib.logs import fields
from playground.lib.metrics import registry

log = logging.getLogger("playground.access")
answers = Counter("playground_http_answers", "Requests that were answered.", ["status"], registry=registry)

# Static files, images and probes would drown the rest.
QUIET = re.compile(r"^/(static|health|favicon\.ico|metrics)\b")
# Whoever has these paths has what they open.
SECRET = re.compile(r"^(/s/|/accounts/password/reset/key/|/accounts/confirm-email/|/setup/)[^/]+")
UNPRINTABLE = re.compile(r"[^\x21-\x7e]")
MAX_PATH_CHARACTERS = 200
MAX_METHOD_CHARACTERS = 20


def what_is_logged(details: Mapping[str, Any]) -> dict[str, str | int]:
    """Method, path, status and duration of a request, from what daphne says when it is finished."""
    path = SECRET.sub(r"\1…", str(details["path"]).partition("?")[0])
    return {
        "method": UNPRINTABLE.sub("?", str(details["method"]))[:MAX_METHOD_CHARACTERS],
        "path": UNPRINTABLE.sub("?", path.replace("…", "..."))[:MAX_PATH_CHARACTERS],
        "status": int(details["status"]),
        "duration_ms": round(details["time_taken"] * 1000),
    }


def log_action(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    """Daphne's action logger."""
    if protocol != "http" or action != "complete":
        return
    answers.labels(f"{details['status'] // 100}xx").inc()
    is_error = details["status"] >= 500
    if is_error or not QUIET.match(str(details["path"])):
        told = what_is_logged(details)
        line = f"{told['method']} {told['path']} {told['status']} {told['duration_ms']} ms"
        log.log(logging.WARNING if is_error else logging.INFO, "%s", line, extra=fields(**told))
