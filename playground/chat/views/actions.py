"""What a person does with a message that is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from playground.chat.errors import Conflict, InvalidInput
from playground.chat.models import Message
from playground.chat.opening import open_message, open_page
from playground.chat.services.answers import continue_answer, retry_answer
from playground.chat.services.branching import branch_from, select_sibling
from playground.chat.services.deleting import delete_message, restore_message
from playground.chat.services.editing import edit_message
from playground.chat.services.queue import remove_from_queue
from playground.chat.services.queue import send_now as send_queued
from playground.chat.services.versions import version_of
from playground.chat.views.common import (
    chat_view,
    conversation_of,
    conversation_url,
    go_to,
    is_fragment,
    message_of,
    person,
    read_composer,
    require_place,
    show_thread,
    with_retry_after,
)
from playground.runs.models import Run
from playground.runs.services import stop_run


@require_POST
@chat_view
def retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another answer; with the form's model and parameters if it has them, else with the same."""
    return _answer_anew(request, uuid, retry_answer)


@require_POST
@chat_view
def continue_(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same answer, going on from where it was cut off."""
    return _answer_anew(request, uuid, continue_answer)


def _answer_anew(request: HttpRequest, uuid: UUID, answer_message: Callable[..., Message]) -> HttpResponse:
    require_place()
    message, sent = message_of(request, uuid), read_composer(request)
    answer = answer_message(
        owner=person(request),
        message=message,
        model_name=sent.model_name,
        parameters=sent.parameters,
        preset=sent.require_preset(),
        variables=sent.variables,
        request_id=sent.request_id,
    )
    return show_thread(request, answer.conversation, focus=answer.uuid)


@require_http_methods(["GET", "POST"])
@chat_view
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET: the form. POST: the edit beside the message; 422 with the form, its text kept."""
    message = message_of(request, uuid)
    if request.method == "GET":
        return _edit_form(request, message)
    require_place()
    sent = read_composer(request)
    try:
        posted = edit_message(
            owner=person(request),
            message=message,
            text=sent.text,
            attachment_uuids=sent.attachments if sent.has_attachments else None,
            model_name=sent.model_name,
            parameters=sent.parameters,
            preset=sent.require_preset(),
            variables=sent.variables,
            request_id=sent.request_id,
            version=request.POST.get("version"),
        )
    except InvalidInput as error:
        return _edit_form(request, message, error, sent.text)
    return show_thread(request, posted.conversation, focus=posted.user_message.uuid)


def _edit_form(
    request: HttpRequest, found: Message, error: InvalidInput | None = None, typed: str | None = None
) -> HttpResponse:
    """With what was typed instead of the text, once that has to be mended; and with what another tab wrote meanwhile."""
    message, page = open_message(found)
    stored = message.text
    if error is not None:
        message, page = replace(message, text=typed or ""), replace(page, errors=error.errors)
    context = {
        "message": message,
        "page": page,
        "version": version_of(stored)
        if error is None or isinstance(error, Conflict)
        else request.POST.get("version", ""),
        "theirs": error.theirs if isinstance(error, Conflict) else "",
    }
    response = render(request, "chat/_edit.html", context, status=error.status if error else 200)
    return with_retry_after(response, error) if error else response


@require_POST
@chat_view
def select(request: HttpRequest, uuid: UUID) -> HttpResponse:
    message = message_of(request, uuid)
    return show_thread(request, select_sibling(message=message), focus=message.uuid)


@require_POST
@chat_view
def branch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    made = branch_from(owner=person(request), message=message_of(request, uuid))
    return go_to(request, conversation_url(made))


@require_POST
@chat_view
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    message = message_of(request, uuid)
    delete_message(message=message)
    if is_fragment(request):
        page = open_page(person(request), conversation_of(request, message.conversation.uuid))
        return render(request, "chat/_message_deleted.html", {"page": page, "undo": message})
    return show_thread(request, message.conversation)


@require_POST
@chat_view
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    message = restore_message(owner=person(request), message_uuid=uuid)
    return show_thread(request, message.conversation, focus=message.uuid)


@require_POST
@chat_view
def send_now(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a message that is held in the queue."""
    require_place()
    message = message_of(request, uuid)
    answer = send_queued(owner=person(request), message=message)
    return show_thread(request, answer.conversation, focus=message.uuid)


@require_POST
@chat_view
def unqueue(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a message out of the queue, back into the draft."""
    message = message_of(request, uuid)
    remove_from_queue(owner=person(request), message=message)
    return show_thread(request, message.conversation)


@require_POST
@chat_view
def stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The text that arrived is kept; the socket brings the end. Stopping what has ended changes nothing."""
    run = Run.objects.visible_to(person(request)).get(uuid=uuid)
    stop_run(run)
    if is_fragment(request):
        return HttpResponse(status=204)
    answer = Message.objects.visible_to(person(request)).select_related("conversation").get(run=run)
    return go_to(request, f"{conversation_url(answer.conversation)}#message-{answer.uuid}")
