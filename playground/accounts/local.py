"""Local mode: whoever sits at this machine is the owner.

Only loopback may say so: the peer and the Host header must both be loopback, so that neither a neighbour on the network
nor a web page that rebinds its own name to 127.0.0.1 is let in, and no proxy may stand between.
"""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from playground.accounts.models import User

OWNER_NAME = "owner"
# A proxy on this machine makes everybody's peer loopback; these tell that one stands there.
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def is_loopback_address(text: str) -> bool:
    """Whether `text` is a loopback IP address; IPv4 in IPv6 counts as what it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def is_loopback_host(host: str) -> bool:
    """Whether a Host header (`name`, `name:port`, `[v6]:port`) names this machine."""
    name = host.lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name == "localhost" or is_loopback_address(name)


def comes_from_this_machine(request: HttpRequest) -> bool:
    """Whether the visitor may be taken for the owner."""
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    return is_loopback_address(request.META.get("REMOTE_ADDR", "")) and is_loopback_host(
        request.META.get("HTTP_HOST", "")
    )


def owner() -> User:
    """The one user of local mode, made at the first visit. Safe for two first visits at once. One query or two."""
    found = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if found:
        return found
    # The unique user name decides between two first visits; get_or_create reads the winner's row.
    made, is_new = User.objects.get_or_create(
        username=OWNER_NAME, defaults={"is_superuser": True, "is_staff": True, "password": "!"}
    )
    if is_new:
        made.set_unusable_password()
        made.save(update_fields=["password"])
    return made
