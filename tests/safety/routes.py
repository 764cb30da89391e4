"""Every address of the server, read from the URLconf and the websocket routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    name: str  # with its namespace, as reverse() takes it; the pattern itself when there is none
    pattern: str
    parameters: tuple[str, ...]
    view: Callable[..., Any]


def http_routes() -> list[Route]:
    return list(_walk(get_resolver(), "", ""))


def socket_routes() -> list[str]:
    from playground.asgi import websocket_urlpatterns

    return [pattern.name or str(pattern.pattern) for pattern in websocket_urlpatterns]


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}" if entry.name else prefix + str(entry.pattern)
            parameters = tuple(entry.pattern.regex.groupindex)
            yield Route(name, prefix + str(entry.pattern), parameters, entry.callback)
