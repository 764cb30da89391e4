"""A database that is busy or full is a state of the server, not a bug."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from playground.lib.error_pages import error_response, is_busy

logger = logging.getLogger(__name__)


class BusyMiddleware(MiddlewareMixin):
    """503 with Retry-After when a view meets a locked database or a full disk.

    The innermost middleware, and a synchronous one on purpose: Django then runs the whole chain in one thread. Were all of
    them capable of async, each would hop to a thread and back twice, which costs more than most of our views.
    """

    async_capable = False

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_busy(exception):
            return None
        logger.warning("Not served, the database said: %s", exception)
        return error_response(request, 503)
