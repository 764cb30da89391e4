"""The door of the review: whoever playground.accounts.roles lets in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from playground.accounts.roles import may_review_usage

View = Callable[..., HttpResponseBase]


def reviewers_only(view: View) -> View:
    """403 for everybody who is signed in and may not; the sign-in page for who is not."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_review_usage(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
