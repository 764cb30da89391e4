"""Whether a server answers. Only the standard library, so that it costs little each time."""

from __future__ import annotations

import http.client
from collections.abc import Mapping


def answers_ok(
    host: str, port: int | None, path: str, *, within_s: float, headers: Mapping[str, str] | None = None
) -> bool:
    """Whether a GET of `path` is answered with 200. Blocks; each step may take `within_s`. Never raises."""
    connection = http.client.HTTPConnection(host, port, timeout=within_s)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
