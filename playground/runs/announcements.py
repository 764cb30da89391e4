"""Hints to every process: something that their pages show has changed. They may get lost; the database says what changed.

A face registers one handler for each kind, in its `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

# Hints were lost: whoever shows something looks at it again.
MISSED = "missed"

Handler = Callable[[str], Awaitable[None]]
_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    _handlers[kind] = handler


async def deliver(kind: str, text: str) -> None:
    """Tell the handler of this process. A kind that nobody knows comes from a newer version, and is nothing to us."""
    if handler := _handlers.get(kind):
        await handler(text)
