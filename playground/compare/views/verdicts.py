"""Choosing the best answer, blind or not, and what the choices add up to."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playground.chat.errors import InvalidInput
from playground.chat.views.common import chat_view, go_to, is_fragment, person, read_uuid
from playground.compare import blind
from playground.compare.judging import arrange, build_panel
from playground.compare.models import Comparison
from playground.compare.services.columns import columns_of
from playground.compare.tallies import count_verdicts
from playground.compare.verdicts import give_verdict
from playground.compare.views.common import comparison_of, comparison_url

TIE = "tie"


@require_http_methods(["GET", "POST"])
@chat_view
def verdict(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET: the panel of the turn `?turn=`, the last one when left out. POST: `winner` is an answer, or "tie"; `note` is optional."""
    comparison = comparison_of(request, uuid)
    if request.method == "GET":
        return _panel(request, comparison, request.GET.get("turn", ""))
    columns, turn = columns_of(comparison), request.POST.get("turn", "")
    was_hidden = blind.is_hidden(comparison, columns)
    chosen = request.POST.get("winner", "")
    if not chosen:
        raise InvalidInput.of("winner", _("Choose an answer, or a tie."))
    give_verdict(
        comparison=comparison,
        columns=columns,
        turn_key=turn,
        winner=None if chosen == TIE else read_uuid(chosen),
        note=request.POST.get("note", ""),
    )
    if was_hidden or not is_fragment(request):  # the names come back, and the columns to their places
        return go_to(request, comparison_url(comparison))
    return _panel(request, comparison, turn)


@require_POST
@chat_view
def set_blind(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`is_blind` is "true" or "false"."""
    comparison = comparison_of(request, uuid)
    is_blind = request.POST.get("is_blind") == "true"
    blind.set_blind(comparison=comparison, columns=columns_of(comparison), is_blind=is_blind)
    return go_to(request, comparison_url(comparison))


@require_GET
@chat_view
def tallies(request: HttpRequest) -> HttpResponse:
    return render(request, "compare/tallies.html", {"tallies": count_verdicts(person(request))})


def _panel(request: HttpRequest, comparison: Comparison, turn: str) -> HttpResponse:
    if not is_fragment(request):
        return redirect(comparison_url(comparison))
    columns, _hidden_turn = arrange(comparison, columns_of(comparison))
    return render(request, "compare/_verdict.html", {"panel": build_panel(comparison, columns, turn)})
