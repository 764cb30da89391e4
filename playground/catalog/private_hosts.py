"""Base URLs on this machine or in a private network: who may have them called. See docs/decisions/0006-private-base-urls.md."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings

from playground.lib.places import place_of
from playground.upstream.addresses import is_private

# Names that only a private network knows (RFC 6761, 6762, 8375; ICANN for .internal). So is a name without a dot.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_allowed(base_url: str) -> bool:
    """Whether `base_url` may lead to loopback or a private network.

    In local mode each may: whoever is there sits at the machine. In server mode those may that the operator has listed, or
    has given as OPENAI_BASE_URL.
    """
    if settings.IS_LOCAL:
        return True
    place = place_of(base_url)
    return bool(place) and (place in settings.PRIVATE_HOSTS or place == place_of(settings.OPENAI_BASE_URL))


def is_private_host(host: str) -> bool:
    """Whether `host`, a name or a literal address, is private as it stands. What a name resolves to is not asked here."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith(_PRIVATE_SUFFIXES)
    return is_private(host)
