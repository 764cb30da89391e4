"""Small helpers of the page: search, estimate, draft, and what was really sent."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from playground.catalog.form_schema import validate
from playground.chat.estimating import estimate as estimate_cost
from playground.chat.models import Conversation
from playground.chat.receipts import build_raw, build_receipt
from playground.chat.search import search as find
from playground.chat.services.drafts import save_draft
from playground.chat.services.messages import find_attachments
from playground.chat.views.common import (
    chat_view,
    conversation_of,
    message_of,
    person,
    read_composer,
    read_uuid,
    settings_or_default,
)


@require_GET
@chat_view
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` in titles and messages."""
    query = request.GET.get("q", "")
    return render(request, "chat/_search.html", {"hits": find(person(request), query), "query": query})


@require_POST
@chat_view
def estimate(request: HttpRequest) -> HttpResponse:
    """Tokens and the worst case in money of what the composer holds. `conversation` names the one it is for."""
    user, conversation, sent = person(request), _conversation(request), read_composer(request)
    model, parameters = settings_or_default(sent, user, conversation)
    if model is None:
        return render(request, "chat/_estimate.html", {"estimate": None})
    made = estimate_cost(
        model=model,
        conversation=conversation,
        leaf=conversation.leaf_id if conversation else None,
        text=sent.text,
        # The page may ask while the message with these images is on its way.
        attachments=find_attachments(user, sent.attachments, may_be_sent=True),
        values=validate(model, parameters).values,
    )
    return render(request, "chat/_estimate.html", {"estimate": made})


@require_POST
@chat_view
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed. 204: the page has nothing to show."""
    save_draft(owner=person(request), conversation=_conversation(request), text=request.POST.get("text", ""))
    return HttpResponse(status=204)


@require_GET
@chat_view
def raw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The exact request and the response."""
    answer = message_of(request, uuid)
    if answer.run is None:
        raise Http404
    return render(request, "chat/_raw.html", {"raw": build_raw(answer, answer.run)})


@require_GET
@chat_view
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Field by field: set by whom, or left out."""
    answer = message_of(request, uuid)
    if answer.run is None:
        raise Http404
    return render(request, "chat/_receipt.html", {"receipt": build_receipt(answer, answer.run)})


def _conversation(request: HttpRequest) -> Conversation | None:
    uuid = read_uuid(request.POST.get("conversation", ""))
    return conversation_of(request, uuid) if uuid else None
