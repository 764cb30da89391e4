"""Host and port of a server in one spelling, `host:port`: small letters, no dot at the end, IPv6 short and in brackets."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


def place_of(url: str) -> str:
    """The place that an http(s) `url` names; empty when it names none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return ""
    return f"{_spelled(parts.hostname)}:{port}" if parts.hostname else ""


def read_place(text: str) -> str:
    """The place that somebody typed as `host:port`. Raises ValueError, with what is wrong."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or not parts.port or parts.netloc != text or "@" in text:
        raise ValueError("not host:port")
    host = _spelled(parts.hostname)
    if not host.startswith("[") and not _NAME.fullmatch(host):
        raise ValueError("not the name or address of a host")
    return f"{host}:{parts.port}"


def _spelled(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower().rstrip(".")
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)
