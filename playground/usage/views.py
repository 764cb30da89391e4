"""What a person spent: the page, its runs as a file, and the receipt of one. Reading only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from playground.lib.csv import csv_response
from playground.lib.error_pages import is_fragment_request
from playground.usage.filters import Filters, read_filters
from playground.usage.listing import FILE_HEAD, file_rows
from playground.usage.models import LedgerEntry
from playground.usage.page import build_page
from playground.usage.places import places_of
from playground.usage.receipts import charge_of
from playground.usage.wording import source_label, status_label

if TYPE_CHECKING:
    from playground.accounts.models import User


@login_required
@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """Figures of a period and the runs behind them; see `usage.filters` for the query. Queries as `build_page`."""
    page = build_page(_person(request), _filters(request))
    template = "usage/_figures.html" if is_fragment_request(request) else "usage/usage.html"
    return render(request, template, {"page": page})


@login_required
@require_GET
def usage_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The list of the same query, whole, as a file. One query for 500 runs, while it is sent."""
    filters, rows = _filters(request), LedgerEntry.objects.visible_to(_person(request))
    name = f"usage-{filters.period.first}-{filters.period.last}.csv"
    return csv_response(name, FILE_HEAD, file_rows(rows, filters))


@login_required
@require_GET
def usage_run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What one run cost and why. It stays when the conversation is gone. Two queries."""
    user = _person(request)
    charge = charge_of(LedgerEntry.objects.visible_to(user), uuid)
    if charge is None:
        raise Http404
    entry = charge.entry
    context = {
        "charge": charge,
        "source": source_label(entry.source),
        "status": status_label(entry.status),
        "reported": json.dumps(entry.usage, ensure_ascii=False, indent=2) if entry.usage else "",
        "place_url": places_of(user, [entry]).get(entry.run, ""),
    }
    return render(request, "usage/run.html", context)


def _filters(request: HttpRequest) -> Filters:
    return read_filters(request.GET.dict(), owner=_person(request).pk, today=timezone.now().date())


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
