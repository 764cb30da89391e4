"""Opening a link in one's own playground."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from playground.chat.services.cleaning import clean_request_id
from playground.chat.views.common import chat_view, person
from playground.compare.sweeps.form import open_form
from playground.lib.error_pages import error_response
from playground.presets.errors import InvalidPreset
from playground.shares.access import find_open
from playground.shares.errors import NotAllowed
from playground.shares.models import Taking
from playground.shares.taking import take
from playground.shares.taking_sweeps import read_plan
from playground.shares.views.visitors import door, visitors_view


@require_http_methods(["GET", "HEAD", "POST"])
@visitors_view
@chat_view
def open_here(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks; POST makes a copy that is the person's own, once for a request id, and goes there."""
    share = find_open(request, token)
    if share is None:
        return door(request)
    if request.method == "POST":
        request_id = clean_request_id(request.POST.get("request_id", ""))
        try:
            return redirect(take(user=person(request), share=share, request_id=request_id))
        except (NotAllowed, InvalidPreset) as error:
            return error_response(request, 422, reason=str(error))
    context = {"share": share, "token": token, "request_id": secrets.token_urlsafe(24)}
    return render(request, "shares/take.html", context)


@require_safe
@chat_view
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form of a new sweep, begun with what a link showed: a person's own, whatever becomes of the link."""
    user = person(request)
    kept = Taking.objects.filter(user=user).exclude(plan={}).get(uuid=uuid)
    form = open_form(user, plan=read_plan(kept.plan))
    return render(request, "compare/sweeps/plan.html", {"form": form, "undo": None})
