"""What the views of comparisons share."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from playground.chat.views.common import is_fragment, person
from playground.compare.models import Column, Comparison
from playground.compare.opening import open_heads


def comparison_of(request: HttpRequest, uuid: UUID) -> Comparison:
    """Raises Comparison.DoesNotExist."""
    return Comparison.objects.visible_to(person(request)).select_related("composer", "owner").get(uuid=uuid)


def column_of(request: HttpRequest, uuid: UUID, *, is_removed: bool = False) -> Column:
    """With its comparison, conversation and preset. Raises Column.DoesNotExist, also for one that was removed unless asked for."""
    rows = Column.objects.visible_to(person(request))
    if not is_removed:
        rows = rows.shown()
    return rows.select_related("comparison__owner", "conversation__leaf", "conversation__preset__preset").get(uuid=uuid)


def comparison_url(comparison: Comparison) -> str:
    return reverse("comparison", args=[comparison.uuid])


def show_heads(request: HttpRequest, comparison: Comparison, template: str, **more: object) -> HttpResponse:
    """For htmx, `template` with `columns`, which hold no more than their last messages; else the page."""
    if not is_fragment(request):
        return redirect(comparison_url(comparison))
    columns = open_heads(person(request), comparison)
    return render(request, template, {"comparison": comparison, "columns": columns, **more})
