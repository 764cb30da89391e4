"""The Parameters form by itself: opened, changed to another model, checked while somebody fills it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from playground.catalog.form import field_notes
from playground.catalog.form_schema import build_form, carry_over, read_form, validate
from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.catalog.views.common import person, visible_model
from playground.lib.error_pages import is_fragment_request

if TYPE_CHECKING:
    from playground.accounts.models import User


@login_required
@require_http_methods(["GET", "POST"])
def inspector(request: HttpRequest) -> HttpResponse:
    """GET: the form of `?model=` with the person's own defaults. POST: the model was changed to `model`; what of the
    values still fits stays, the rest is named. Five queries."""
    user = person(request)
    if request.method == "POST":
        model = visible_model(user, request.POST.get("model", ""))
        raw = _raw_of_previous(user, request, model)
    else:
        model = visible_model(user, request.GET["model"]) if "model" in request.GET else _default(user)
        raw = user.default_parameters
    kept, dropped = carry_over(raw, model)
    models = list(Model.objects.visible_to(user).select_related("provider").defer("card", "description", "form_schema"))
    form = build_form(model, kept, dropped=dropped, models=models)
    template = "catalog/_inspector.html" if is_fragment_request(request) else "catalog/inspector.html"
    return render(request, template, {"form": form})


@login_required
@require_POST
def notes(request: HttpRequest) -> HttpResponse:
    """What is wrong or odd about the values as they stand, field by field. One query."""
    model = visible_model(person(request), request.POST.get("model", ""))
    raw = read_form(model, request.POST)
    return render(request, "catalog/_notes.html", {"notes": field_notes(model, validate(model, raw))})


def _raw_of_previous(user: User, request: HttpRequest, model: Model) -> dict[str, Any]:
    """The posted fields, as the model before would read them: its form is what was posted."""
    name = request.POST.get("previous_model", "")
    previous = Model.objects.visible_to(user).named(name).select_related("provider").first() if name else None
    return read_form(previous or model, request.POST)


def _default(user: User) -> Model:
    model = default_model_for(user)
    if model is None:
        raise Http404
    return model
