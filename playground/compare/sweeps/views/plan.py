"""Planning a sweep: the form, what it would cost, and its start; and the list of those there are."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playground.catalog.models import Model
from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment
from playground.chat.views.common import (
    chat_view,
    conversation_of,
    go_to,
    is_fragment,
    person,
    read_composer,
    read_uuid,
    require_place,
    with_retry_after,
)
from playground.compare.models import Sweep
from playground.compare.sweeps import pricing
from playground.compare.sweeps.combining import load_kit
from playground.compare.sweeps.form import open_axis, open_form
from playground.compare.sweeps.listing import list_sweeps
from playground.compare.sweeps.reading import read_plan
from playground.compare.sweeps.starting import start_sweep
from playground.compare.sweeps.views.common import sweep_of, whole_number


@require_http_methods(["GET", "POST"])
@chat_view
def sweeps(request: HttpRequest) -> HttpResponse:
    """GET: those of this person, `?page=`; `?deleted=` offers the undo. POST: starts one."""
    return _start(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    undo = None
    if deleted := read_uuid(request.GET.get("deleted", "")):
        undo = Sweep.objects.filter(owner=user, deleted_at__isnull=False, uuid=deleted).first()
    found = list_sweeps(user, page=whole_number(request.GET.get("page", ""), 1))
    return render(request, "compare/sweeps/list.html", {"list": found, "undone": undo, "undo": None})


def _start(request: HttpRequest) -> HttpResponse:
    require_place()
    user, sent = person(request), read_composer(request)
    try:
        plan = read_plan(user, sent.model, request.POST)
        made = start_sweep(owner=user, plan=plan, attachment_uuids=sent.attachments, request_id=sent.request_id)
    except InvalidInput as error:
        context = {"errors": error.errors}
        return with_retry_after(render(request, "compare/sweeps/_errors.html", context, status=error.status), error)
    url = reverse("sweep", args=[made.uuid])
    return go_to(request, url) if is_fragment(request) else redirect(url)


@require_GET
@chat_view
def new(request: HttpRequest) -> HttpResponse:
    """`?from=` is a sweep to begin from, `?conversation=` a chat or a column."""
    user = person(request)
    origin, chat = read_uuid(request.GET.get("from", "")), read_uuid(request.GET.get("conversation", ""))
    form = open_form(
        user,
        origin=sweep_of(request, origin) if origin else None,
        conversation=conversation_of(request, chat) if chat else None,
    )
    return render(request, "compare/sweeps/plan.html", {"form": form, "undo": None})


@require_POST
@chat_view
def estimate_plan(request: HttpRequest) -> HttpResponse:
    """How many runs, and what they can cost at most; or what is missing, in a quiet sentence."""
    user, sent = person(request), read_composer(request)
    context: dict[str, object] = {}
    try:
        plan = read_plan(user, sent.model, request.POST)
        images = _images(request, sent.attachments)
        context = {"estimate": pricing.estimate(user, load_kit(user, plan), images), "plan": plan}
    except InvalidInput as error:
        context = {"problem": error.errors[0]}
    return render(request, "compare/sweeps/_estimate.html", context)


def _images(request: HttpRequest, uuids: list[UUID]) -> list[Attachment]:
    """The page may ask while these images are being removed, or are on their way."""
    return list(Attachment.objects.visible_to(person(request)).filter(uuid__in=uuids).select_related("blob"))


@require_GET
@chat_view
def axis(request: HttpRequest) -> HttpResponse:
    """The controls for the values of `?axis1=` or `?axis2=`, with the model `?model=`."""
    user = person(request)
    number = 2 if "axis2" in request.GET else 1
    name = request.GET.get("model", "")
    model = Model.objects.visible_to(user).select_related("provider").named(name).first() if name else None
    shown = open_axis(user, model, number, request.GET.get(f"axis{number}", ""))
    return render(request, "compare/sweeps/_axis_values.html", {"axis": shown})
