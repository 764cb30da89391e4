"""Requests that are refused before any view runs, and errors that a view left without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from playground.lib.asgi import REFUSED
from playground.lib.error_pages import TEXTS, error_response
from playground.lib.json_input import is_storable


class RefusalMiddleware(MiddlewareMixin):
    """Answers what `playground.lib.asgi` refused, and 400 for unstorable characters in the path or the query."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        status = getattr(request, "scope", {}).get(REFUSED)
        if status:
            return error_response(request, status)
        query = (text for name, values in request.GET.lists() for text in (name, *values))
        if not is_storable(request.path_info) or not all(map(is_storable, query)):
            return error_response(request, 400)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """An error without a body, such as Django's 405, gets its page; `Allow` and the like stay."""
        if response.status_code not in TEXTS or response.streaming or response.content:  # type: ignore[attr-defined]
            return response
        page = error_response(request, response.status_code)
        for name, value in response.items():
            if name.lower() not in {"content-type", "content-length"}:
                page[name] = value
        page.cookies = response.cookies
        return page


class CleanFormMiddleware(MiddlewareMixin):
    """422 for form fields with NUL or lone surrogates; runs after the CSRF check, which has parsed the form anyway."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            return None
        for name, values in request.POST.lists():
            if not is_storable(name) or not all(map(is_storable, values)):
                shown = name[:80] if is_storable(name) else "?"
                reason = _("The field “%(name)s” holds a character that cannot be stored (NUL).") % {"name": shown}
                return error_response(request, 422, reason=reason)
        return None
