"""Every error in one look: a page, or a notice when htmx asks for a fragment.

An error page is made from its status, a reason and the request id alone: no query, no session, no nonce. So it also
works when the database does not, and two people see the same bytes for what is absent and what is not theirs.
"""

from __future__ import annotations

import errno
import logging
import sys
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.lib.asgi import REQUEST_ID

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
# As SQLite words them.
_BUSY_WORDS = (
    "database is locked",
    "database table is locked",
    "disk is full",
    "disk i/o error",
    "attempt to write a readonly database",
    "unable to open database file",
)
# PostgreSQL has codes: no connection, no room, going down or cancelled, a disk that fails; a lock that took too long,
# deadlocks, a standby. https://www.postgresql.org/docs/current/errcodes-appendix.html
_BUSY_CLASSES = {"08", "53", "57", "58"}
_BUSY_CODES = {"55P03", "40001", "40P01", "25006", "25P03"}


@dataclass(frozen=True)
class ErrorText:
    title: str | Promise
    advice: str | Promise


TEXTS: dict[int, ErrorText] = {
    400: ErrorText(_("This request cannot be read"), _("Something in it is malformed. Go back and try again.")),
    403: ErrorText(_("You may not do this"), _("Your account lacks the right. An admin can grant it.")),
    404: ErrorText(
        _("Nothing here"), _("The address is wrong, or what stood here was deleted or belongs to someone else.")
    ),
    405: ErrorText(_("Not this way"), _("This address does not take that kind of request.")),
    413: ErrorText(_("Too large"), _("The request holds more than this server takes. Send less at once.")),
    415: ErrorText(_("Not a type we take"), _("This server does not read that kind of content.")),
    422: ErrorText(_("Something needs changing"), _("Check what you entered and send it again.")),
    429: ErrorText(_("Too many requests"), _("Wait a moment, then try again.")),
    500: ErrorText(
        _("Something broke"), _("It is our fault, not yours. If it happens again, tell an admin this number.")
    ),
    503: ErrorText(
        _("Busy right now"), _("The server cannot take this at the moment. Nothing is lost; try again soon.")
    ),
}
CSRF_TEXT = ErrorText(
    _("This form is too old"),
    _("It was made for another session. Reload the page, then send it again; your text is kept."),
)


def is_busy(error: BaseException | None) -> bool:
    """Whether `error` says that the database is locked, full or away."""
    if not isinstance(error, DatabaseError):
        return isinstance(error, OSError) and error.errno == errno.ENOSPC
    code = getattr(error.__cause__, "sqlstate", "")
    if code is None:  # from the driver itself: the connection failed or was lost
        return isinstance(error, (OperationalError, InterfaceError))
    return code[:2] in _BUSY_CLASSES or code in _BUSY_CODES or any(words in str(error).lower() for words in _BUSY_WORDS)


def is_fragment_request(request: HttpRequest) -> bool:
    """Whether htmx will swap the answer into a page (and not replace the whole page with it)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def error_response(
    request: HttpRequest, status: int, *, reason: str | Promise = "", template: str = "", text: ErrorText | None = None
) -> HttpResponse:
    """The answer for `status`: `templates/<status>.html`, or a notice aimed at the page's `#notices` for htmx.

    `reason` replaces the general advice; it must not quote an exception.
    """
    text = text or TEXTS.get(status, TEXTS[400])
    context = {
        "status": status,
        "title": text.title,
        "advice": reason or text.advice,
        "request_id": getattr(request, "scope", {}).get(REQUEST_ID, ""),
    }
    if is_fragment_request(request):
        response = HttpResponse(_render("components/_error_notice.html", context), status=status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "beforeend"
    else:
        response = HttpResponse(_render(template or f"{status}.html", context), status=status)
    if status in {429, 503}:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS if status == 503 else 60)
    return response


def _render(template: str, context: dict[str, Any]) -> str:
    """The last line of defence: an error in an error page must not hide the first one."""
    try:
        return render_to_string(template, context)
    except Exception:
        logger.exception("The error page %s cannot be rendered", template)
        return f"<!doctype html><title>{context['status']}</title><h1>{context['status']}</h1>"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`."""
    return error_response(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`."""
    return error_response(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`."""
    return error_response(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """`handler429`, which allauth looks up in the URLconf."""
    return error_response(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`. A database that fails outside a view (when a session is saved) ends here too, and is a 503."""
    return error_response(request, 503 if is_busy(sys.exc_info()[1]) else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`."""
    return error_response(request, 403, template="403_csrf.html", text=CSRF_TEXT)
