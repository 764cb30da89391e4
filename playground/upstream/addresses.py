"""What an address that a name resolves to belongs to: cloud metadata services and link-local networks, to which nothing
may be sent; this machine and private networks, to which only what the operator has allowed may be sent; the internet.

`ipaddress`'s own `is_private` and `is_global` miss several of them and all of their disguises, hence explicit lists.
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
PRIVATE_V4 = [
    IPv4Network("0.0.0.0/8"),  # "this network"; Linux takes 0.0.0.0 for loopback
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # behind a carrier's NAT; Tailscale
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.0.2.0/24"),  # documentation, as the two below
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),  # benchmarks; some VPNs
    IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
]
# Of IPv6 the other way round: what is public, and what is not within that.
_PUBLIC_V6 = IPv6Network("2000::/3")
PRIVATE_V6 = [
    IPv6Network("2001::/23"),  # protocol assignments, with Teredo
    IPv6Network("2001:db8::/32"),  # documentation, as the one below
    IPv6Network("3fff::/20"),
]
_WELL_KNOWN_NAT64 = IPv6Network("64:ff9b::/96")  # how an IPv6-only machine reaches IPv4
_NAT64 = [_WELL_KNOWN_NAT64, IPv6Network("64:ff9b:1::/48")]
_COMPATIBLE = IPv6Network("::/96")


def is_forbidden(address: str) -> bool:
    """Whether `address`, as a resolver gives it (a scope such as %eth0 is ignored), must not be connected to.

    Anything that is not an address is forbidden too.
    """
    parsed = _parsed(address)
    if parsed is None:
        return True
    if isinstance(parsed, IPv4Address):
        return any(parsed in network for network in FORBIDDEN_V4)
    if any(parsed in network for network in FORBIDDEN_V6):
        return True
    return any(inner in network for inner in _inner(parsed) for network in FORBIDDEN_V4)


def is_private(address: str) -> bool:
    """Whether `address`, as a resolver gives it, leads to this machine, to a private network or to no server at all.

    Anything that is not an address does too.
    """
    parsed = _parsed(address)
    if parsed is None:
        return True
    if isinstance(parsed, IPv4Address):
        return any(parsed in network for network in PRIVATE_V4)
    inner = _inner(parsed)
    if any(found in network for found in inner for network in PRIVATE_V4):
        return True
    if parsed.ipv4_mapped is not None or parsed in _WELL_KNOWN_NAT64:
        return False
    return parsed not in _PUBLIC_V6 or any(parsed in network for network in PRIVATE_V6)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _inner(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that packets to this IPv6 address may end up at."""
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        inner.append(IPv4Address(address.packed[-4:]))
    if address.packed[8:12] in {b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"}:  # ISATAP
        inner.append(IPv4Address(address.packed[-4:]))
    return [found for found in inner if found is not None]
