"""Posting messages, and reading single ones."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation
from playground.chat.opening import open_message, open_page, open_posted
from playground.chat.services.drafts import save_draft
from playground.chat.services.messages import post_message
from playground.chat.services.settings import Settings
from playground.chat.views.common import (
    Sent,
    chat_view,
    conversation_of,
    conversation_url,
    go_to,
    is_fragment,
    message_of,
    person,
    read_composer,
    require_place,
    settings_or_default,
    with_draft_version,
    with_retry_after,
)


@require_POST
@chat_view
def post_first(request: HttpRequest) -> HttpResponse:
    """The first message of a new conversation."""
    return _post(request, None)


@require_POST
@chat_view
def post(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _post(request, conversation_of(request, uuid))


def _post(request: HttpRequest, conversation: Conversation | None) -> HttpResponse:
    require_place()
    user, sent = person(request), read_composer(request)
    asked = settings_or_default(sent, user, conversation)
    try:
        posted = post_message(
            owner=user,
            conversation=conversation,
            parent_uuid=sent.parent,
            text=sent.text,
            attachment_uuids=sent.attachments,
            model=asked.model,
            parameters=asked.settings.parameters,
            preset=sent.require_preset() or asked.settings.preset,
            variables=asked.settings.variables,
            request_id=sent.request_id,
            draft_version=sent.draft_version,
        )
    except InvalidInput as error:
        return _mend(request, conversation, sent, error)
    url = conversation_url(posted.conversation)
    if conversation is None:
        return go_to(request, url)
    if not is_fragment(request):
        return redirect(f"{url}#message-{posted.user_message.uuid}")
    page = open_posted(user, posted, after=sent.parent, model=asked.model)
    return render(request, "chat/_posted.html", {"page": page})


def _mend(request: HttpRequest, conversation: Conversation | None, sent: Sent, error: InvalidInput) -> HttpResponse:
    """422 or 429: the form again with the fields named and everything typed; the draft keeps it too."""
    user, kept = person(request), None
    # A text that cannot be stored is what the error is about; one that would replace another tab's is in the page still.
    with suppress(InvalidInput):
        kept = save_draft(owner=user, conversation=conversation, text=sent.text, version=sent.draft_version)
    page = open_page(
        user,
        conversation,
        asked=Settings(sent.model_name, sent.parameters, sent.preset, sent.variables) if sent.model_name else None,
        draft_text=sent.text,
        errors=error.errors,
    )
    template = "chat/_composer.html" if is_fragment(request) else "chat/conversation.html"
    response = with_retry_after(render(request, template, {"page": page, "undo": None}, status=error.status), error)
    return response if kept is None else with_draft_version(response, kept)


@require_GET
@chat_view
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One message as it is now: after an edit was given up, or when its run has ended."""
    found = message_of(request, uuid)
    if not is_fragment(request):
        return redirect(f"{conversation_url(found.conversation)}#message-{found.uuid}")
    message, page = open_message(found)
    return render(request, "chat/_message.html", {"message": message, "page": page})


@require_GET
@chat_view
def text(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The Markdown as it was written, for copying."""
    response = HttpResponse(message_of(request, uuid).text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
