"""A conversation as a file: JSON with the whole tree, Markdown of what is shown, and back from that JSON.

Exports hold what the person wrote and got, the figures of each run and the clean images; no keys, no addresses of
providers, no ids of rows. An import trusts nothing: every id is made anew, the owner is whoever imports, images go through
the intake like an upload, and figures are not taken over, since a file can claim anything.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from playground.chat.images.services import data_url
from playground.chat.models import Attachment, Conversation, Message, Role
from playground.chat.services.filling import fill_loosely
from playground.chat.tree import Tree

FORMAT = "playground.conversation"
VERSION = 1


def export_tree(conversation: Conversation) -> dict[str, Any]:
    """The whole tree as JSON values, images as data URLs. Three queries, and a file for each image."""
    messages = list(
        Message.objects.kept().filter(conversation=conversation).select_related("run", "continues").order_by("id")
    )
    uuids = {message.pk: str(message.uuid) for message in messages}
    images: dict[int, list[dict[str, Any]]] = {}
    for attachment in Attachment.objects.filter(message__conversation=conversation).select_related("blob"):
        images.setdefault(attachment.message_id or 0, []).append(_export_image(attachment))
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": timezone.now().isoformat(),
        "conversation": {
            "title": conversation.title,
            "model": conversation.model_name,
            "parameters": _filled_parameters(conversation),
            "created_at": conversation.created_at.isoformat(),
            "updated_at": conversation.updated_at.isoformat(),
            "shown": uuids.get(conversation.leaf_id or 0),
        },
        "messages": [_export_message(message, uuids, images.get(message.pk, [])) for message in messages],
    }


def _filled_parameters(conversation: Conversation) -> dict[str, Any]:
    """With the variables of the preset filled in: where the file is read, there may be no such preset."""
    return fill_loosely(conversation.preset, conversation.variables).parameters(conversation.parameters)


def _export_message(message: Message, uuids: dict[int, str], images: list[dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuids[message.pk],
        "parent": uuids.get(message.parent_id or 0),
        "role": message.role,
        "text": message.text,
        "created_at": message.created_at.isoformat(),
    }
    if message.reasoning:
        row["reasoning"] = message.reasoning
    if message.is_edited:
        row["is_edited"] = True
    if message.continues_id in uuids:
        row["continues"] = uuids[message.continues_id]
    if images:
        row["images"] = images
    if (run := message.run) is not None:
        row["run"] = {
            "model": run.model_name,
            "resolved_model": run.resolved_model,
            "status": run.status,
            "finish_reason": run.finish_reason,
            "request": run.request,
            "parameters": run.receipt.get("values", {}),
            "system_fingerprint": run.system_fingerprint,
            "prompt_tokens": run.prompt_tokens,
            "cached_tokens": run.cached_tokens,
            "completion_tokens": run.completion_tokens,
            "is_estimated": run.is_estimated,
            "first_token_ms": run.first_token_ms,
            "duration_ms": run.duration_ms,
        }
    return row


def _export_image(attachment: Attachment) -> dict[str, Any]:
    row = {"name": attachment.name, "alt": attachment.alt, "detail": attachment.detail}
    try:
        return {**row, "url": data_url(attachment)}
    except FileNotFoundError:  # the file is lost: the rest of the conversation is still worth having
        return {**row, "url": None}


def export_markdown(conversation: Conversation) -> str:
    """The shown path as one Markdown text, images by their names. Three queries."""
    ids = Tree.of(conversation).path(conversation.leaf_id)
    rows = Message.objects.select_related("run").defer("run__text", "run__response", "html").in_bulk(ids)
    images: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=ids):
        images.setdefault(attachment.message_id or 0, []).append(attachment)
    parts = [f"# {conversation.title}"]
    for pk in ids:
        message = rows[pk]
        author = _("You") if message.role == Role.USER else _answerer(message, conversation)
        parts.append(f"## {author}")
        parts += [f"![{_label(image)}]({image.url or _('image')})" for image in images.get(pk, [])]
        parts += [message.text] if message.text else []
    return "\n\n".join(parts) + "\n"


def _answerer(message: Message, conversation: Conversation) -> str:
    return (message.run.model_name if message.run else conversation.model_name) or _("Assistant")


def _label(image: Attachment) -> str:
    return (image.alt or image.name or _("image")).replace("[", "(").replace("]", ")")
