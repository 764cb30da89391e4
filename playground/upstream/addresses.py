"""Addresses that nothing may be sent to, whatever a name resolves to: cloud metadata services and link-local networks.

`ipaddress`'s own `is_private` and `is_global` miss several of them and all of their disguises, hence an explicit list.
Loopback and private networks are allowed here: an admin decides which base URLs exist.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

FORBIDDEN_V4 = [
    IPv4Network("169.254.0.0/16"),  # link-local; metadata of AWS, Azure, Google, OpenStack, Oracle
    IPv4Network("168.63.129.16/32"),  # Azure's host
    IPv4Network("100.100.100.200/32"),  # Alibaba's metadata
    IPv4Network("192.0.0.192/32"),  # Oracle's metadata
]
FORBIDDEN_V6 = [
    IPv6Network("fe80::/10"),  # link-local
    IPv6Network("fec0::/10"),  # site-local, deprecated
    IPv6Network("fd00:ec2::254/128"),  # AWS's metadata
    IPv6Network("fd20:ce::254/128"),  # Google's metadata
]
_NAT64 = [IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")]
_COMPATIBLE = IPv6Network("::/96")


def is_forbidden(address: str) -> bool:
    """Whether `address`, as a resolver gives it (a scope such as %eth0 is ignored), must not be connected to.

    Anything that is not an address is forbidden too.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(parsed, IPv4Address):
        return any(parsed in network for network in FORBIDDEN_V4)
    if any(parsed in network for network in FORBIDDEN_V6):
        return True
    return any(inner in network for inner in _inner(parsed) for network in FORBIDDEN_V4)


def _inner(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that packets to this IPv6 address may end up at."""
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        inner.append(IPv4Address(address.packed[-4:]))
    if address.packed[8:12] in {b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"}:  # ISATAP
        inner.append(IPv4Address(address.packed[-4:]))
    return [found for found in inner if found is not None]
