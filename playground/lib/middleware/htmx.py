"""A fragment request cannot follow a redirect to the sign-in page: it would swap that page into the middle of this one."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin

from playground.lib.error_pages import is_fragment_request


class SignInRedirectMiddleware(MiddlewareMixin):
    """Turns a redirect to the sign-in page into 401 with `HX-Redirect` for htmx."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code != 302 or not is_fragment_request(request):
            return response
        if urlsplit(response["Location"]).path != resolve_url(settings.LOGIN_URL):
            return response
        answer = HttpResponse(status=401)
        # Back to the page the person looks at, not to the address of a fragment.
        answer["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
        return answer
