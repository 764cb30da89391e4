"""The page of a sweep, what changes on it, and one place of its grid with all its answers."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from playground.chat.views.common import chat_view
from playground.compare.models import Sweep
from playground.compare.sweeps.grid import open_grid, open_news
from playground.compare.sweeps.looking import open_square
from playground.compare.sweeps.views.common import sweep_of, whole_number


@require_GET
@chat_view
def sweep(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`?page=` of its rows, when they are many."""
    page = open_grid(sweep_of(request, uuid), page=whole_number(request.GET.get("page", ""), 1))
    return render(request, "compare/sweeps/sweep.html", {"grid": page, "undo": None})


@require_GET
@chat_view
def news(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What changed after the revision `?after=`."""
    return show_news(request, sweep_of(request, uuid))


def show_news(request: HttpRequest, sweep: Sweep, *, is_action: bool = False) -> HttpResponse:
    after, page = (whole_number(request.GET.get(name, ""), default) for name, default in (("after", 0), ("page", 1)))
    found = open_news(sweep, after=after, page=page)
    return render(request, "compare/sweeps/_news.html", {"sweep": sweep, "is_action": is_action, **found})


@require_GET
@chat_view
def square(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """All repeats of one place; `?repeat=` is the one whose answer is shown."""
    found = open_square(sweep_of(request, uuid), number, repeat=whole_number(request.GET.get("repeat", "")))
    if found is None:
        raise Http404
    return render(request, "compare/sweeps/_answers.html", {"page": found})
