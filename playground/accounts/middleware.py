"""Who is here: the owner in local mode, nobody before set-up, and for how long a session lasts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _

from playground.accounts import local, setup
from playground.lib.error_pages import error_response

BACKEND = "django.contrib.auth.backends.ModelBackend"
# For operators: answered to anybody, and without making a session for every probe.
OPERATOR_PATHS = ("/health/", "/metrics")
RENEW_SECONDS = 3600  # an idle limit of days needs no write for every request


class LocalOwnerMiddleware(MiddlewareMixin):
    """Local mode: signs the visitor in as the owner, and answers 403 to whoever does not come from this machine."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not settings.IS_LOCAL or request.path_info.startswith(OPERATOR_PATHS):
            return None
        if not local.comes_from_this_machine(request):
            return error_response(request, 403, reason=_("In local mode this server talks to its own machine only."))
        if not request.user.is_authenticated:
            login(request, local.owner(), backend=BACKEND)
        return None


class SetupMiddleware(MiddlewareMixin):
    """Server mode without an admin: every page leads to the set-up page."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        page = reverse("setup")
        if settings.IS_LOCAL or request.path_info == page or request.path_info.startswith(OPERATOR_PATHS):
            return None
        # Whoever is signed in was given an account by the operator: no need to ask the database.
        if request.user.is_authenticated or setup.has_admin():
            return None
        return HttpResponseRedirect(page)


class SessionAgeMiddleware(MiddlewareMixin):
    """Ends a session 30 days after its sign-in, however busy it is, and renews the idle limit while it is used."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if not request.user.is_authenticated:
            return
        now = int(time.time())
        started = request.session.setdefault("started_at", now)
        if now - started > settings.SESSION_ABSOLUTE_SECONDS:
            logout(request)
        elif now - request.session.get("seen_at", 0) > RENEW_SECONDS:
            request.session["seen_at"] = now
