"""The runs behind the figures, and what one of them cost and why. Never what was asked or answered in it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from playground.review.access import reviewers_only
from playground.review.exports import RUN_COLUMNS, export, run_rows
from playground.review.names import load_names
from playground.review.receipt import reported_figures
from playground.review.runs import ERRORS, ONLY, PAGE, Place, Which, batches, load_page
from playground.review.selection import Selection
from playground.review.wording import chosen_filters, only_label
from playground.usage.models import LedgerEntry
from playground.usage.periods import names as period_names
from playground.usage.receipts import charge_of
from playground.usage.wording import statuses


@require_safe
@reviewers_only
def runs(request: HttpRequest) -> HttpResponse:
    """A page of them. Seven queries, however many there are."""
    selection, which = Selection.of(request.GET, timezone.now().date()), Which.of(request.GET)
    entries = load_page(selection, which, Place.read(request.GET.get("after", "")))
    shown = entries[:PAGE]
    names = load_names([*(entry.owner_id for entry in shown), selection.filters.user])
    kept = {"status": which.status or None, "only": which.only or None}
    context = {
        "selection": selection,
        "which": which,
        "lines": [(entry, names.is_gone(entry.owner_id)) for entry in shown],
        "older": selection.query(**kept, after=str(Place.of(shown[-1]))) if len(entries) > PAGE else "",
        "is_first": "after" not in request.GET,
        "query": selection.query(**kept),
        "dashboard_query": selection.query(),
        "filters": chosen_filters(selection, names, reverse("usage_review_runs"), **kept),
        "hidden": selection.filters.as_query(),
        "periods": period_names(),
        "statuses": {ERRORS: only_label(ERRORS), **statuses()},
        "onlys": {name: only_label(name) for name in ONLY},
    }
    return render(request, "review/runs.html", context)


@require_safe
@reviewers_only
def export_runs(request: HttpRequest) -> HttpResponseBase:
    """All of them as `?format=csv` or json, sent batch by batch; two statements for a thousand."""
    selection, which = Selection.of(request.GET, timezone.now().date()), Which.of(request.GET)
    name = f"runs-{selection.period.first}-{selection.period.last}"
    return export(name, request.GET.get("format", ""), list(RUN_COLUMNS), run_rows(batches(selection, which)))


@require_safe
@reviewers_only
def run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The receipt of one run, by the run's own id. Four queries."""
    charge = charge_of(LedgerEntry.objects.all(), uuid)
    if charge is None:
        raise Http404
    names = load_names([charge.entry.owner_id])
    context = {
        "charge": charge,
        "entry": charge.entry,
        "person": names.person(charge.entry.owner_id) if not names.is_gone(charge.entry.owner_id) else "",
        "reported": reported_figures(charge.entry.usage),
        "tokens_per_second": _speed(charge.entry),
    }
    return render(request, "review/run.html", context)


def _speed(entry: LedgerEntry) -> float | None:
    """Tokens a second behind the first one; None when there is nothing to divide."""
    if not entry.completion_tokens or entry.duration_ms is None or entry.first_token_ms is None:
        return None
    streamed_ms = entry.duration_ms - entry.first_token_ms
    return entry.completion_tokens * 1000 / streamed_ms if streamed_ms > 0 else None
