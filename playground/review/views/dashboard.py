"""Everybody's usage at a glance, and its tables as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from playground.review.access import reviewers_only
from playground.review.dashboard import Look, build_dashboard, one_breakdown
from playground.review.exports import BREAKDOWN_COLUMNS, breakdown_rows, export
from playground.review.selection import DIMENSIONS, Selection
from playground.usage.periods import names


@require_safe
@reviewers_only
def dashboard(request: HttpRequest) -> HttpResponse:
    """The figures of a selection. At most 16 queries, sign-in and sidebar included."""
    selection = Selection.of(request.GET, timezone.now().date())
    page = build_dashboard(selection, Look.of(request.GET))
    return render(request, "review/dashboard.html", {"page": page, "selection": selection, "periods": names()})


@require_safe
@reviewers_only
def breakdown(request: HttpRequest) -> HttpResponseBase:
    """One table whole, as `?format=csv` or json, of `?by=` a dimension. Four queries."""
    dimension = request.GET.get("by", "")
    if dimension not in DIMENSIONS:
        raise Http404
    selection = Selection.of(request.GET, timezone.now().date())
    rows = breakdown_rows(one_breakdown(selection, dimension))
    name = f"usage-by-{dimension}-{selection.period.first}-{selection.period.last}"
    return export(name, request.GET.get("format", ""), BREAKDOWN_COLUMNS, iter([rows]))
