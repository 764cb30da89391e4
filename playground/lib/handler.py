"""Django's ASGI handler, for views and middleware that are all synchronous."""

from __future__ import annotations

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OneHopHandler(ASGIHandler):
    """Takes a request to its thread once, and there goes through all middleware and the view.

    Django's own builds the chain for asynchronous views: a synchronous middleware then waits for an event loop of its own in
    its thread, which calls the view in a thread again. That costs more than many a view does.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def get_asgi_application() -> OneHopHandler:
    """Sets Django up, as the function of the same name in Django does."""
    django.setup(set_prefix=False)
    return OneHopHandler()
