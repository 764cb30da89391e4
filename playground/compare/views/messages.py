"""Sending to all columns, running them again, stopping them; and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment
from playground.chat.services.drafts import save_draft
from playground.chat.views.common import (
    Sent,
    chat_view,
    is_fragment,
    person,
    read_composer,
    read_uuid,
    require_place,
    with_draft_version,
    with_retry_after,
)
from playground.compare.estimating import estimate_all
from playground.compare.models import Comparison
from playground.compare.news import news_of
from playground.compare.opening import open_board
from playground.compare.services.posting import post_to_all, run_again, run_all_again, stop_all
from playground.compare.views.common import column_of, comparison_of, comparison_url
from playground.usage.allowance import allowances
from playground.usage.budget_wording import show_budget


@require_POST
@chat_view
def post(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One prompt to all columns. `shown` names the last message that the page has, column by column."""
    require_place()
    user, sent, comparison = person(request), read_composer(request), comparison_of(request, uuid)
    try:
        post_to_all(
            owner=user,
            comparison=comparison,
            text=sent.text,
            attachment_uuids=sent.attachments,
            request_id=sent.request_id,
            draft_version=sent.draft_version,
        )
    except InvalidInput as error:
        return _mend(request, comparison, sent, error)
    if not is_fragment(request):
        return redirect(comparison_url(comparison))
    board = open_board(user, comparison)
    shown = {found for value in request.POST.getlist("shown") if (found := read_uuid(value)) is not None}
    columns = [news_of(column, shown) for column in board.columns]
    context = {"board": board, "page": board.composer, "columns": columns}
    return render(request, "compare/_posted.html", context)


def _mend(request: HttpRequest, comparison: Comparison, sent: Sent, error: InvalidInput) -> HttpResponse:
    """The form again with what is wrong and everything typed; the draft keeps it too."""
    user, kept = person(request), None
    with suppress(InvalidInput):
        kept = save_draft(owner=user, conversation=comparison.composer, text=sent.text, version=sent.draft_version)
    board = open_board(user, comparison, draft_text=sent.text, errors=error.errors)
    template = "compare/_composer.html" if is_fragment(request) else "compare/comparison.html"
    answer = render(request, template, {"board": board, "page": board.composer}, status=error.status)
    response = with_retry_after(answer, error)
    return response if kept is None else with_draft_version(response, kept)


@require_POST
@chat_view
def run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last question again in every column, with the settings of now."""
    require_place()
    comparison = comparison_of(request, uuid)
    refused = run_all_again(owner=person(request), comparison=comparison, request_id=request.POST.get("request_id", ""))
    return _show_anew(request, comparison, {refusal.column.uuid: refusal.said for refusal in refused})


@require_POST
@chat_view
def run_column(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last question again in one column."""
    require_place()
    column = column_of(request, uuid)
    run_again(owner=person(request), column=column, request_id=request.POST.get("request_id", ""))
    return _show_anew(request, column.comparison, {}, only=column.uuid)


@require_POST
@chat_view
def stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The texts that arrived are kept; the socket brings the ends."""
    comparison = comparison_of(request, uuid)
    stop_all(comparison=comparison)
    return HttpResponse(status=204) if is_fragment(request) else redirect(comparison_url(comparison))


@require_POST
@chat_view
def estimate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What sending to all columns would cost at most, and what is left to spend."""
    user, comparison, text = person(request), comparison_of(request, uuid), request.POST.get("text", "")
    sent = read_composer(request).attachments
    images = list(Attachment.objects.visible_to(user).filter(uuid__in=sent).select_related("blob"))
    made = estimate_all(owner=user, comparison=comparison, text=text, attachments=images)
    budget = show_budget(allowances(user), made.held_at_most)
    return render(request, "compare/_estimated.html", {"estimate": made, "budget": budget})


def _show_anew(
    request: HttpRequest, comparison: Comparison, said: Mapping[UUID, str], *, only: UUID | None = None
) -> HttpResponse:
    """The columns' messages anew, with what was `said` about those that could not run; for a plain form, the page."""
    if not is_fragment(request):
        return redirect(comparison_url(comparison))
    columns = [column for column in open_board(person(request), comparison).columns if only in (None, column.uuid)]
    shown = [(column, said.get(column.uuid, "")) for column in columns]
    return render(request, "compare/_ran.html", {"columns": shown, "comparison": comparison})
