"""The list of comparisons and sweeps, and what is done with a whole comparison."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from playground.chat.errors import NotPossible
from playground.chat.views.common import chat_view, go_to, is_fragment, person, read_uuid
from playground.compare import blind, keeping
from playground.compare.exports import as_csv, as_json, build_report
from playground.compare.exports_markdown import as_markdown
from playground.compare.listing import list_all
from playground.compare.models import Comparison
from playground.compare.services.columns import columns_of
from playground.compare.views.common import comparison_of, comparison_url

NAME_CHARACTERS = 60


def show_list(request: HttpRequest) -> HttpResponse:
    """`?q=` searches titles; `?before=` is the end of the page before; `?deleted=` offers the undo of what was just deleted."""
    user = person(request)
    shown = list_all(user, query=request.GET.get("q", ""), before=request.GET.get("before", ""))
    template = "compare/_list.html" if is_fragment(request) else "compare/list.html"
    deleted = read_uuid(request.GET.get("deleted", ""))
    gone = Comparison.objects.filter(owner=user, deleted_at__isnull=False, uuid=deleted).first() if deleted else None
    return render(request, template, {"list": shown, "deleted": gone})


@require_POST
@chat_view
def rename(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list comes back; to its own page, `on`, no more than the new title."""
    comparison = comparison_of(request, uuid)
    keeping.rename(comparison=comparison, title=request.POST.get("title", ""))
    if request.POST.get("on") == "page" and is_fragment(request):
        return render(request, "compare/_renamed.html", {"comparison": comparison})
    return _list(request)


@require_POST
@chat_view
def duplicate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`with_history` copies what is shown, too."""
    made = keeping.duplicate(
        owner=person(request),
        comparison=comparison_of(request, uuid),
        with_history=request.POST.get("with_history") == "true",
    )
    return go_to(request, comparison_url(made))


@require_POST
@chat_view
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    comparison = comparison_of(request, uuid)
    keeping.delete(comparison=comparison)
    return _list(request, undo=comparison)


@require_POST
@chat_view
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    restored = keeping.restore(owner=person(request), comparison_uuid=uuid)
    return _list(request) if is_fragment(request) else redirect(comparison_url(restored))


@require_GET
@chat_view
def export(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """`kind` is "csv", "json" or "md". 422 while it must not be told which column is which."""
    comparison = comparison_of(request, uuid)
    columns = columns_of(comparison)
    if blind.is_hidden(comparison, columns):
        raise NotPossible(_("Choose the best answer first: the file says which column is which."))
    report = build_report(comparison, columns)
    name = f"{slugify(comparison.title)[:NAME_CHARACTERS] or comparison.uuid.hex[:8]}.{kind}"
    if kind == "csv":
        return _file(as_csv(report), name, "text/csv; charset=utf-8")
    if kind == "json":
        return _file(json.dumps(as_json(report), ensure_ascii=False, indent=1), name, "application/json")
    return _file(as_markdown(report), name, "text/markdown; charset=utf-8")


def _list(request: HttpRequest, *, undo: Comparison | None = None) -> HttpResponse:
    if not is_fragment(request):
        return redirect(reverse("comparisons") + (f"?deleted={undo.uuid}" if undo else ""))
    return render(request, "compare/_list_changed.html", {"list": list_all(person(request)), "undo": undo})


def _file(text: str, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
