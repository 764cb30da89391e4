"""Comparisons as pages, and what is done with a whole one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from playground.chat.models import Attachment, Conversation
from playground.chat.views.common import (
    chat_view,
    conversation_of,
    go_to,
    person,
    read_composer,
    read_uuid,
    settings_or_default,
)
from playground.compare.opening import open_board
from playground.compare.services.comparisons import FIRST_COLUMNS, create_comparison
from playground.compare.settings import ColumnSettings, typed
from playground.compare.views.common import comparison_of, comparison_url, show_heads
from playground.compare.views.keeping import show_list


@require_http_methods(["GET", "POST"])
@chat_view
def comparisons(request: HttpRequest) -> HttpResponse:
    """GET: mine. POST: a new one, with the settings, the text and the images of the form that it came from."""
    if request.method == "POST":
        return _begin(request)
    return show_list(request)


def _begin(request: HttpRequest) -> HttpResponse:
    user, sent, history = person(request), read_composer(request), _history(request)
    asked = settings_or_default(sent, user, history)
    model = asked.model
    settings = ColumnSettings(
        model_name=model.public_name if model else sent.model_name,
        parameters=typed(model, asked.settings.parameters) if model else {},
        preset=asked.settings.preset,
        variables=asked.settings.variables,
    )
    images = Attachment.objects.visible_to(user).filter(uuid__in=sent.attachments).select_related("blob")
    made = create_comparison(
        owner=user,
        settings=[settings] * FIRST_COLUMNS,
        text=sent.text,
        attachments=list(images),
        history=history,
    )
    return go_to(request, comparison_url(made))


def _history(request: HttpRequest) -> Conversation | None:
    uuid = read_uuid(request.POST.get("conversation", ""))
    return conversation_of(request, uuid) if uuid else None


@require_GET
@chat_view
def comparison(request: HttpRequest, uuid: UUID) -> HttpResponse:
    board = open_board(person(request), comparison_of(request, uuid))
    return render(request, "compare/comparison.html", {"board": board, "page": board.composer})


@require_GET
@chat_view
def facts(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The figures of all columns, once an answer has ended."""
    return show_heads(request, comparison_of(request, uuid), "compare/_facts_changed.html")
