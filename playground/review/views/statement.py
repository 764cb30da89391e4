"""The statement of a month, and an invoice laid beside it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import Min
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from playground.catalog.models import Provider
from playground.review.access import reviewers_only
from playground.review.exports import export
from playground.review.forms import InvoiceForm, read_month
from playground.review.invoice import UnreadableInvoice, read_invoice
from playground.review.statement import SUMS, StatementRow, compare, last_day, resolved_names, sum_of, total
from playground.review.statement import statement as load_statement
from playground.usage.models import DailyUsage

COLUMNS = ("provider", "model", *SUMS)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewers_only
def statement(request: HttpRequest) -> HttpResponseBase:
    """GET: a month by provider and model, also as a file. POST: the differences to a provider's invoice; nothing is kept of it."""
    month = read_month(request.GET.get("month", ""), timezone.now().date())
    rows = load_statement(month)
    if request.method != "POST" and (kind := request.GET.get("format")):
        figures = [tuple(getattr(row, name) for name in ("provider", "model_name", *SUMS)) for row in rows]
        return export(f"statement-{month:%Y-%m}", kind, COLUMNS, iter([figures]))
    providers = _providers(rows)
    form = InvoiceForm(request.POST or None, request.FILES or None, providers=providers)
    context: dict[str, Any] = {
        "month": month,
        "last_day": last_day(month),
        "months": _months(month),
        "groups": _by_provider(rows),
        "whole": sum_of(rows),
        "form": form,
    }
    status = 200
    if request.method == "POST":
        status = 200 if form.is_valid() and _compare(month, rows, form, context) else 422
    return render(request, "review/statement.html", context, status=status)


def _compare(month: datetime.date, rows: Sequence[StatementRow], form: InvoiceForm, context: dict[str, Any]) -> bool:
    """Put the comparison into `context`; False when the file says nothing, and then the form says why."""
    provider = form.cleaned_data["provider"]
    try:
        invoice = read_invoice(form.cleaned_data["file"].read(), month)
    except UnreadableInvoice as error:
        form.add_error("file", str(error))
        return False
    mine = [row for row in rows if row.provider == provider]
    compared = compare(mine, resolved_names(month, provider), invoice)
    whole = total(mine, invoice)
    context |= {
        "invoice": invoice,
        "provider": provider,
        "compared": compared,
        "whole_compared": whole,
        "same": sum(one.is_same for one in compared),
        "differing": sum(not one.is_same for one in compared),
    }
    return True


def _providers(rows: Sequence[StatementRow]) -> list[str]:
    """Those of the month, and those there are now: an invoice may tell of what we have not seen."""
    return sorted({row.provider for row in rows} | set(Provider.objects.values_list("slug", flat=True)))


def _by_provider(rows: Sequence[StatementRow]) -> list[tuple[str, list[StatementRow], StatementRow]]:
    """Provider, its rows and their sum."""
    providers = sorted({row.provider for row in rows})
    groups = [(provider, [row for row in rows if row.provider == provider]) for provider in providers]
    return [(provider, some, sum_of(some)) for provider, some in groups]


def _months(chosen: datetime.date) -> list[datetime.date]:
    """The first days of all months from the first entry to this one, newest first, and of the chosen one."""
    today = timezone.now().date()
    first = DailyUsage.objects.aggregate(first=Min("day"))["first"] or today
    months, month = [], today.replace(day=1)
    while month >= first.replace(day=1):
        months.append(month)
        month = (month - datetime.timedelta(days=1)).replace(day=1)
    return sorted({*months, chosen}, reverse=True)
