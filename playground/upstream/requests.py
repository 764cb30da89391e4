"""Addresses and headers of what we send."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from playground.upstream.errors import ConnectFailed
from playground.upstream.types import Endpoint

USER_AGENT = "Playground/0.1"


def join_url(base_url: str, path: str) -> str:
    """`path` (such as `/chat/completions`) under `base_url`; a bare origin gets `/v1` added. Raises ConnectFailed."""
    try:
        parts = urlsplit(base_url.strip())
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "@" in parts.netloc:
        raise ConnectFailed(message="The base URL must look like https://host/v1, without a name or password.")
    base = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, (base or "/v1") + path, parts.query, ""))


def headers_for(endpoint: Endpoint, *, accept: str) -> dict[str, str]:
    """The headers of a request; those of the endpoint win. Raises ConnectFailed when one cannot be sent."""
    headers = {"accept": accept, "accept-encoding": "identity", "user-agent": USER_AGENT}
    if endpoint.api_key:
        headers["authorization"] = f"Bearer {endpoint.api_key.strip()}"
    headers |= {name.lower(): value.strip() for name, value in endpoint.headers.items()}
    headers["accept-encoding"] = "identity"  # nothing here unpacks
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
            raise ConnectFailed(message="The API key or a header of this provider has characters that cannot be sent.")
    return headers


def secrets_of(endpoint: Endpoint) -> list[str]:
    """What must never be shown or kept, wherever the server repeats it."""
    return [secret for secret in (endpoint.api_key.strip(), *map(str.strip, endpoint.headers.values())) if secret]
