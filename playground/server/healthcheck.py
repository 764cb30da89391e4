"""Whether the server of this container answers: exit code 0 or 1. No Django, so that it costs little each time.

python -m playground.server.healthcheck
"""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_SECONDS = 4


def is_live(port: int, host_header: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        # As the proxy in front would: Django refuses unknown hosts and, in server mode, plain HTTP.
        connection.request("GET", "/health/live", headers={"Host": host_header, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    allowed = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    sys.exit(0 if is_live(int(os.environ.get("PORT") or 8000), allowed) else 1)
