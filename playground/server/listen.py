"""The address the server listens on."""

from __future__ import annotations

import errno
import ipaddress
import socket


class CannotListen(Exception):
    """The address cannot be had; the text says why."""

    def __init__(self, reason: str, *, is_taken: bool) -> None:
        super().__init__(reason)
        self.is_taken = is_taken


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than localhost counts as public: it may mean anything."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def url_of(host: str, port: int) -> str:
    """What a person types to get there from this machine."""
    bare = host.strip("[]")
    if bare in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        bare = "127.0.0.1"
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"


def check_free(host: str, port: int) -> None:
    """Return if the server could listen there now; raise CannotListen otherwise."""
    bare = host.strip("[]")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            bare, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server itself does: a port that was in use a moment ago counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise CannotListen(error.strerror or str(error), is_taken=error.errno == errno.EADDRINUSE) from error
