"""What every websocket needs: the user as the session says now, database steps that do not queue behind each other's, and an
end for addresses that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

NOT_FOUND = 4404
# Channels would run all database steps of all sockets in one thread, where one that waits holds up everybody.
WORKERS = 2

_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="socket")
Result = TypeVar("Result")


async def in_pool(step: Callable[..., Result], *args: Any) -> Result:
    """One database step of a consumer, in a thread of a small pool of their own."""
    result: Result = await database_sync_to_async(step, thread_sensitive=False, executor=_pool)(*args)
    return result


def current_user(scope: dict[str, Any]) -> Any:
    """Who is signed in now, not when the socket was opened: the session is read again. None when nobody is. Two queries."""
    sessions = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = sessions.SessionStore(scope["session"].session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """Closes with 4404, as an address that does not exist."""

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)
