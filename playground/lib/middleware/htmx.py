"""A fragment request cannot follow a redirect to the sign-in page: it would swap that page into the middle of this one."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme

from playground.lib.error_pages import is_fragment_request


class SignInRedirectMiddleware(MiddlewareMixin):
    """Turns a redirect to the sign-in page into 401 with `HX-Redirect` for htmx."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code != 302 or not is_fragment_request(request):
            return response
        if urlsplit(response["Location"]).path != resolve_url(settings.LOGIN_URL):
            return response
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = _sign_in(request)
        return answer


def _sign_in(request: HttpRequest) -> str:
    """Its address, and from there back to the page the person looks at, not to the address of a fragment."""
    url = resolve_url(settings.LOGIN_URL)
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return url
    parts = urlsplit(page)
    return f"{url}?{urlencode({'next': urlunsplit(('', '', parts.path, parts.query, ''))})}"
