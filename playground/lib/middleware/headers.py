"""HTML is made for one person at one moment: nobody may keep it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def no_store(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """`Cache-Control: no-store` on HTML and on answers with a cookie, unless the view has said otherwise."""

    def mark(response: HttpResponseBase) -> HttpResponseBase:
        is_personal = response.get("Content-Type", "").startswith("text/html") or bool(response.cookies)
        if is_personal and "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        return response

    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            awaited: Awaitable[HttpResponseBase] = get_response(request)
            return mark(await awaited)

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        return mark(get_response(request))

    return respond
