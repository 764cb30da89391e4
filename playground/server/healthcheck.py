"""Whether the server of this container answers: exit code 0 or 1. No Django, so that it costs little each time.

python -m playground.server.healthcheck
"""

from __future__ import annotations

import os
import sys

from playground.lib.probe import answers_ok

TIMEOUT_SECONDS = 4


def is_live(port: int, host_header: str) -> bool:
    # As the proxy in front would: Django refuses unknown hosts and, in server mode, plain HTTP.
    headers = {"Host": host_header, "X-Forwarded-Proto": "https"}
    return answers_ok("127.0.0.1", port, "/health/live", within_s=TIMEOUT_SECONDS, headers=headers)


if __name__ == "__main__":
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    sys.exit(0 if is_live(int(os.environ.get("PORT") or 8000), allowed) else 1)
