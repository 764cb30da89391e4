"""A conversation as a file, and back."""

from __future__ import annotations

import json
import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from playground.chat.errors import InvalidInput
from playground.chat.importing import MAX_BYTES
from playground.chat.models import Conversation
from playground.chat.services.importing import import_conversation as store_import
from playground.chat.transfer import export_markdown as as_markdown
from playground.chat.transfer import export_tree
from playground.chat.views.common import chat_view, conversation_of, conversation_url, go_to, person

NAME_CHARACTERS = 60


@require_GET
@chat_view
def export_json(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = conversation_of(request, uuid)
    text = json.dumps(export_tree(found), ensure_ascii=False, indent=1)
    return _file(text, found, "json", "application/json")


@require_GET
@chat_view
def export_markdown(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = conversation_of(request, uuid)
    return _file(as_markdown(found), found, "md", "text/markdown; charset=utf-8")


@require_POST
@chat_view
def import_conversation(request: HttpRequest) -> HttpResponse:
    """The JSON as an uploaded `file`, or as the body itself. 422 names the place of the first mistake."""
    if request.content_type == "application/json":
        body = request.body
    elif (file := request.FILES.get("file")) is None:
        raise InvalidInput.of("file", _("Choose a file to import."))
    elif (file.size or 0) > MAX_BYTES:
        raise InvalidInput.of("file", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2})
    else:
        body = file.read()
    made = store_import(owner=person(request), body=body)
    return go_to(request, conversation_url(made))


def _file(text: str, conversation: Conversation, ending: str, content_type: str) -> HttpResponse:
    name = slugify(conversation.title)[:NAME_CHARACTERS] or re.sub(r"\W", "", str(conversation.uuid))[:8]
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.{ending}") or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
