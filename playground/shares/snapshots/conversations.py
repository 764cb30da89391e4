"""The snapshot of a conversation's shown path, or of one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from playground.chat.models import Attachment, Conversation, Message, Role
from playground.chat.page import ShownMessage, ShownRun
from playground.chat.receipts import as_json
from playground.chat.showing import show_messages
from playground.chat.tree import Tree
from playground.images import store
from playground.runs.models import Run
from playground.shares.errors import NotAllowed
from playground.shares.models import Kind, Part
from playground.shares.snapshots.values import Collector, Json, Parts, Picture, Snapshot

SYSTEM_PROMPT = "system_prompt"  # its name among the parameters
LOOKED_AT = 20  # messages from the end of a path, for its last answer


def take_conversation(conversation: Conversation, parts: Parts) -> Snapshot:
    """What is shown of it now; no other branch, nothing that is still being written. Six queries. Raises TooLarge."""
    collector = Collector()
    ids = Tree.of(conversation).path(conversation.leaf_id)
    settings = take_settings(*sent_settings(conversation, ids), parts)
    messages = take_messages(conversation, ids, parts, collector)
    return collector.snapshot(Kind.CONVERSATION, messages=messages, **settings)


def take_answer(answer: Message, parts: Parts) -> Snapshot:
    """One answer, and with it the question before it. Raises TooLarge, NotAllowed in a blind comparison."""
    if answer.conversation.is_masked:
        raise NotAllowed(_("This comparison is blind: give your verdict first, or the link would tell which is which."))
    collector = Collector()
    ids = [answer.parent_id, answer.pk] if Part.QUESTION in parts else [answer.pk]
    settings = take_settings(*sent_settings(answer.conversation, [answer.pk]), parts)
    messages = take_messages(answer.conversation, [pk for pk in ids if pk is not None], parts, collector)
    return collector.snapshot(Kind.ANSWER, messages=messages, **settings)


def sent_settings(conversation: Conversation, ids: Sequence[int]) -> tuple[str, Mapping[str, Any]]:
    """Model and parameters that the last answer of `ids` was made with, variables filled in; else those that are chosen. One query."""
    runs = Run.objects.filter(message__in=ids[-LOOKED_AT:]).only("model_name", "receipt")
    run = runs.order_by("-message__id").first()
    if run is None or not isinstance(run.receipt.get("values"), dict):
        return conversation.model_name, conversation.parameters
    return run.model_name, run.receipt["values"]


def take_settings(model_name: str, parameters: Mapping[str, Any], parts: Parts) -> Json:
    """The model and, where they are put in, the parameters and the system prompt."""
    taken: Json = {"model": model_name}
    if Part.RECEIPTS in parts:
        taken["settings"] = {name: value for name, value in parameters.items() if name != SYSTEM_PROMPT}
    prompt = parameters.get(SYSTEM_PROMPT)
    if Part.SYSTEM_PROMPT in parts and isinstance(prompt, str) and prompt.strip():
        taken["system_prompt"] = prompt
    return taken


def take_messages(
    conversation: Conversation,
    ids: Sequence[int],
    parts: Parts,
    collector: Collector,
    *,
    verdicts: Mapping[UUID, str] | None = None,
) -> list[Json]:
    """The messages `ids` as the snapshot has them, with what `verdicts` says of them by uuid. Five queries."""
    taken = take_by_uuid(conversation, ids, parts, collector)
    return [{**one, "verdict": (verdicts or {}).get(uuid, "")} for uuid, one in taken.items()]


def take_by_uuid(
    conversation: Conversation, ids: Sequence[int], parts: Parts, collector: Collector
) -> dict[UUID, Json]:
    """The messages `ids` in that order, without those that are still being written or wait. Five queries."""
    shown = show_messages(conversation, ids, Tree.of(conversation))
    runs: dict[Any, Run] = {}
    if Part.RECEIPTS in parts:
        rows = Run.objects.filter(uuid__in=[one.run.uuid for one in shown if one.run])
        runs = {run.uuid: run for run in rows.only("uuid", "request", "receipt", "preset")}
    return {
        one.uuid: {**_take_message(one, parts, collector, runs.get(one.run.uuid) if one.run else None), "verdict": ""}
        for one in shown
        if not one.is_live and one.queued is None
    }


def _take_message(shown: ShownMessage, parts: Parts, collector: Collector, run: Run | None) -> Json:
    has_images = Part.IMAGES in parts
    return {
        "role": shown.role,
        "author": shown.author if shown.role == Role.ASSISTANT else "",
        "text": collector.text(shown.text, shown.html),
        "thinking": collector.count(shown.reasoning) if Part.THINKING in parts else "",
        "is_edited": shown.is_edited,
        "at": shown.created_at.isoformat(),
        "images": [take_image(one, collector) for one in shown.attachments] if has_images else [],
        "omitted_images": shown.omitted_images if has_images else 0,
        "run": _take_run(shown.run, run, parts) if shown.run else None,
    }


def take_image(attachment: Attachment, collector: Collector) -> Json:
    """Without its file's name, which may say more than the picture."""
    facts: Json = {"alt": attachment.alt, "detail": attachment.detail}
    if attachment.blob is None:
        return {**facts, "url": attachment.url}
    blob = attachment.blob
    url = reverse("image", args=[attachment.uuid, store.served_name(attachment.uuid, blob)])
    picture = Picture(blob, url, reverse("image_thumbnail", args=[attachment.uuid]))
    return {**facts, "number": collector.picture(picture), "width": blob.width, "height": blob.height}


def _take_run(shown: ShownRun, run: Run | None, parts: Parts) -> Json:
    taken: Json = {"status": shown.status, "finish_reason": shown.finish_reason}
    if run is None:
        return taken
    return {
        **taken,
        "resolved_model": shown.resolved_model,
        "first_token_ms": shown.first_token_ms,
        "duration_ms": shown.duration_ms,
        "tokens_per_second": shown.tokens_per_second,
        "prompt_tokens": shown.prompt_tokens,
        "cached_tokens": shown.cached_tokens,
        "completion_tokens": shown.completion_tokens,
        "is_estimated": shown.is_estimated,
        "seed": shown.seed,
        "system_fingerprint": shown.system_fingerprint,
        "cost": str(shown.cost) if shown.cost is not None else None,
        "receipt": _take_receipt(run, parts),
    }


def _take_receipt(run: Run, parts: Parts) -> Json:
    """Field by field, without the body: the messages are shown, and the system prompt only where it is put in."""
    origins = run.receipt.get("set", {})
    values = run.receipt.get("values", {})
    sent = {**run.request, **{name: values[name] for name in origins if name in values and name not in run.request}}
    hidden = {"messages"} if Part.SYSTEM_PROMPT in parts else {"messages", SYSTEM_PROMPT}
    return {
        "sent": [
            {"name": name, "value": as_json(value), "origin": str(origins.get(name, "always"))}
            for name, value in sent.items()
            if name not in hidden
        ],
        "left_out": [str(name) for name in run.receipt.get("left_out", [])],
        "preset": run.preset,
    }
