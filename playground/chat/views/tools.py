"""Small helpers of the page: search, estimate, draft, and what was really sent."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from playground.catalog.form_schema import validate
from playground.chat.errors import Conflict, NotPossible
from playground.chat.estimating import estimate as estimate_cost
from playground.chat.models import Attachment, Message
from playground.chat.other_hits import find_others
from playground.chat.receipts import build_raw, build_receipt
from playground.chat.search import search as find
from playground.chat.services.drafts import read_draft, save_draft
from playground.chat.services.filling import fill_loosely
from playground.chat.services.starting import starter_turns
from playground.chat.services.versions import version_of
from playground.chat.views.common import (
    chat_view,
    conversation_named,
    message_of,
    person,
    read_composer,
    settings_or_default,
    with_draft_version,
)
from playground.runs.models import Run
from playground.usage.allowance import allowances
from playground.usage.budget_wording import show_budget


@require_GET
@chat_view
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` in titles and messages, and in the titles of what other faces have."""
    user, query = person(request), request.GET.get("q", "")
    context = {"hits": find(user, query), "others": find_others(user, query), "query": query}
    return render(request, "chat/_search.html", context)


@require_POST
@chat_view
def estimate(request: HttpRequest) -> HttpResponse:
    """Tokens and the worst case in money of what the composer holds, and what is left to spend. `conversation` names the one it is for."""
    user, conversation, sent = person(request), conversation_named(request), read_composer(request)
    asked = settings_or_default(sent, user, conversation)
    model = asked.model
    if model is None:
        return render(request, "chat/_estimated.html", {"estimate": None, "budget": show_budget(allowances(user))})
    # Somebody may be half way through the variables: what is still missing counts nothing.
    filling = fill_loosely(asked.settings.preset, asked.settings.variables)
    made = estimate_cost(
        model=model,
        conversation=conversation,
        leaf=conversation.leaf_id if conversation else None,
        text=filling.text(sent.text),
        # The page may ask while these images are being removed, or are on their way in a message.
        attachments=list(Attachment.objects.visible_to(user).filter(uuid__in=sent.attachments).select_related("blob")),
        values=validate(model, filling.parameters(asked.settings.parameters)).values,
        starters=starter_turns(user, filling),
    )
    budget = show_budget(allowances(user), made.held_at_most)
    return render(request, "chat/_estimated.html", {"estimate": made, "budget": budget})


@require_http_methods(["GET", "POST"])
@chat_view
def draft(request: HttpRequest) -> HttpResponse:
    """GET: the draft as plain text, 204 when it is of `version` still. POST: keep what is typed; 422 with another tab's text.

    Every other answer tells in `Draft-Version` what is stored now.
    """
    user, fields = person(request), request.POST if request.method == "POST" else request.GET
    conversation, version = conversation_named(request), fields.get("version")
    if request.method == "GET":
        return _stored_draft(read_draft(owner=user, conversation=conversation), version)
    try:
        kept = save_draft(owner=user, conversation=conversation, text=fields.get("text", ""), version=version)
    except Conflict as conflict:
        context = {"text": conflict.theirs, "version": version_of(conflict.theirs)}
        return render(request, "chat/_draft_notice.html", context, status=422)
    return with_draft_version(HttpResponse(status=204), kept)


def _stored_draft(text: str, seen: str | None) -> HttpResponse:
    version = version_of(text)
    response = (
        HttpResponse(status=204) if version == seen else HttpResponse(text, content_type="text/plain; charset=utf-8")
    )
    response["Cache-Control"] = "private, no-store"
    return with_draft_version(response, version)


@require_GET
@chat_view
def raw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The exact request and the response."""
    return render(request, "chat/_raw.html", {"raw": build_raw(*_answer_and_run(request, uuid))})


@require_GET
@chat_view
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Field by field: set by whom, or left out."""
    return render(request, "chat/_receipt.html", {"receipt": build_receipt(*_answer_and_run(request, uuid))})


def _answer_and_run(request: HttpRequest, uuid: UUID) -> tuple[Message, Run]:
    answer = message_of(request, uuid)
    if answer.run is None:
        raise Http404
    if answer.conversation.is_masked:
        raise NotPossible(_("Choose the best answer first: this says which model it was."))
    return answer, answer.run
