"""Conversations as pages, and what is done with a whole one."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from playground.chat.address import read_address
from playground.chat.errors import Conflict, NotPossible
from playground.chat.models import Conversation
from playground.chat.opening import open_news, open_older, open_page
from playground.chat.services import conversations as service
from playground.chat.services.deleting import delete_conversation, restore_conversation
from playground.chat.sidebar import FIRST_ENTRIES, build_sidebar
from playground.chat.views.common import (
    chat_view,
    conversation_of,
    conversation_url,
    go_to,
    is_fragment,
    person,
    read_uuid,
)

# The conversation in the address of a page of ours; htmx tells the address with every request.
CONVERSATION_PATH = re.compile(r"/c/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/")


@require_GET
@chat_view
def new_chat(request: HttpRequest) -> HttpResponse:
    """What the address says fills the form (chat/address.py); `?deleted=` offers the undo of a conversation that was just deleted."""
    user = person(request)
    address = read_address(user, request.GET)
    page = open_page(user, None, asked=address.settings, offered=address.prompt, problems=address.problems)
    undo = None
    if deleted := read_uuid(request.GET.get("deleted", "")):
        undo = Conversation.objects.filter(owner=user, deleted_at__isnull=False, uuid=deleted).first()
    return render(request, "chat/conversation.html", {"page": page, "undo": undo})


@require_GET
@chat_view
def conversation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    shown = conversation_of(request, uuid)
    if shown.is_masked:
        raise NotPossible(_("Choose the best answer first: this says which model it was."))
    page = open_page(person(request), shown)
    return render(request, "chat/conversation.html", {"page": page, "undo": None})


@require_GET
@chat_view
def older(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The messages above `?before=`."""
    before = read_uuid(request.GET.get("before", ""))
    page = open_older(person(request), conversation_of(request, uuid), before) if before else None
    if page is None:
        raise Http404
    return render(request, "chat/_older.html", {"page": page})


@require_GET
@chat_view
def news(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a page lacks whose last message is `?after=`."""
    after = read_uuid(request.GET.get("after", ""))
    page = open_news(person(request), conversation_of(request, uuid), after)
    return render(request, "chat/_news.html", {"page": page})


@require_GET
@chat_view
def sidebar(request: HttpRequest) -> HttpResponse:
    """The list anew; `?limit=` shows more of it."""
    given = request.GET.get("limit", "")
    limit = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else FIRST_ENTRIES
    return _list(request, limit=limit)


@require_POST
@chat_view
def rename(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """422 with both titles when it was renamed since the form that is sent was opened with `before`."""
    renamed = conversation_of(request, uuid)
    try:
        service.rename(conversation=renamed, title=request.POST.get("title", ""), before=request.POST.get("before"))
    except Conflict as conflict:
        if not is_fragment(request):
            raise
        context = {"before": conflict.theirs, "message": conflict.errors[0].message}
        return render(request, "chat/_rename_conflict.html", context, status=422)
    return _list_or_back(request, renamed)


@require_POST
@chat_view
def pin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`is_pinned` is "true" or "false"; without it, the other state than now."""
    pinned = conversation_of(request, uuid)
    wanted = request.POST.get("is_pinned", "")
    service.pin(conversation=pinned, is_pinned=wanted == "true" if wanted else not pinned.is_pinned)
    return _list_or_back(request, pinned)


@require_POST
@chat_view
def delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A page that shows the conversation goes to a new chat with the undo; elsewhere the list and the undo come back."""
    deleted = conversation_of(request, uuid)
    delete_conversation(conversation=deleted)
    stands_open = conversation_url(deleted) in request.headers.get("HX-Current-URL", "")
    if stands_open or not is_fragment(request):
        return go_to(request, f"{reverse('new_chat')}?deleted={deleted.uuid}")
    return _list(request, undo=deleted)


@require_POST
@chat_view
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    restored = restore_conversation(owner=person(request), conversation_uuid=uuid)
    return _list_or_back(request, restored)


def _list_or_back(request: HttpRequest, changed: Conversation) -> HttpResponse:
    return _list(request) if is_fragment(request) else redirect(conversation_url(changed))


def _list(request: HttpRequest, *, limit: int = FIRST_ENTRIES, undo: Conversation | None = None) -> HttpResponse:
    """The conversations at the side, for the page that the request came from."""
    shown = CONVERSATION_PATH.search(request.headers.get("HX-Current-URL", ""))
    page = {"conversation": {"uuid": UUID(shown[1])}} if shown else {}
    sidebar = build_sidebar(person(request), limit=limit)
    return render(request, "chat/_conversations_changed.html", {"sidebar": sidebar, "page": page, "undo": undo})
