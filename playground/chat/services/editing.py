"""Editing: what was said stays as an alternative, and the edit stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import Conflict, InvalidInput, NotPossible
from playground.chat.images.services import copy_attachments
from playground.chat.models import Attachment, Conversation, Face, Message, Role
from playground.chat.prompt import Turn, path_turns
from playground.chat.services.answers import add_answer, is_answering, lock, show
from playground.chat.services.cleaning import clean_request_id, clean_text
from playground.chat.services.context import Prompt, check_context
from playground.chat.services.messages import Posted, find_posted, posted_by, take_from_draft
from playground.chat.services.paying import claim_for
from playground.chat.services.preparing import Prepared, check_attachments, find_model, prepare
from playground.chat.services.queue import queue_entry, settings_of_entry
from playground.chat.services.settings import Settings, settings_for
from playground.chat.services.versions import is_stale
from playground.presets.models import PresetVersion
from playground.runs.services import DuplicateRequest


def edit_message(
    *,
    owner: User,
    message: Message,
    text: str,
    attachment_uuids: Sequence[UUID] | None = None,
    model_name: str = "",
    parameters: Mapping[str, Any] | None = None,
    preset: PresetVersion | None = None,
    variables: Mapping[str, str] | None = None,
    request_id: str = "",
    version: str | None = None,
) -> Posted:
    """A user message is asked anew: a sibling with a new answer. An answer gets an edited sibling, and nothing is sent.

    `attachment_uuids` names images of the message itself, to be kept, and of drafts, to be added; None keeps all. A message
    that still waits in the queue is changed in place, if its text still has the `version` that the form began with. Raises
    InvalidInput, Conflict, NotPossible, Attachment.DoesNotExist.
    """
    request_id = clean_request_id(request_id)
    if earlier := find_posted(owner, request_id, message.conversation):
        return earlier
    text = clean_text(text)
    if message.role == Role.ASSISTANT:
        return _edit_answer(message, text, request_id)
    kept, added = _choose_attachments(owner, message, attachment_uuids)
    if not text.strip() and not kept and not added:
        raise InvalidInput.of("text", _("Write a message or attach an image."))
    asked = _settings(owner, message, Settings(model_name, parameters or {}, preset, variables or {}))
    filling = asked.filling()
    text = filling.text(text)
    before = partial(path_turns, message.conversation, message.parent_id)
    model = find_model(owner, asked.model_name)
    prepared = prepare(model=model, parameters=asked.parameters, before=before, added=[text], filling=filling)
    check_attachments([*kept, *added], prepared.model)
    if message.queued is not None:
        return _edit_queued(message, text, kept, added, prepared, version=version)
    prompt = Prompt(prepared, before, added=[Turn(Role.USER, text, [*kept, *added])])
    check_context(prompt, conversation=message.conversation)
    paid = claim_for(owner, prompt)
    try:
        with transaction.atomic():
            conversation = lock(message.conversation)
            if earlier := find_posted(owner, request_id, conversation):
                return earlier
            sibling = _add_sibling(conversation, message, text, request_id)
            copy_attachments(kept, sibling)
            take_from_draft(added, sibling, first=len(kept))
            answer = add_answer(
                owner=owner,
                conversation=conversation,
                parent=sibling,
                prepared=prepared,
                request_id=request_id,
                paid=paid,
            )
            show(conversation, answer, prepared)
            return Posted(conversation, sibling, answer)
    except DuplicateRequest as duplicate:
        return posted_by(duplicate.run)


def _add_sibling(conversation: Conversation, message: Message, text: str, request_id: str) -> Message:
    return Message.objects.create(
        conversation=conversation,
        parent=message.parent,
        role=message.role,
        text=text,
        is_edited=True,
        request_id=request_id,
    )


def _edit_answer(message: Message, text: str, request_id: str) -> Posted:
    if not text.strip():
        raise InvalidInput.of("text", _("An answer needs some text."))
    if is_answering(message):
        raise NotPossible(_("This answer is still being written. Stop it first."))
    with transaction.atomic():
        conversation = lock(message.conversation)
        earlier = Message.objects.filter(conversation=conversation, request_id=request_id).first()
        sibling = earlier or _add_sibling(conversation, message, text, request_id)
        if earlier is None:
            show(conversation, sibling)
        return Posted(conversation, sibling, None, is_repeat=earlier is not None)


def _edit_queued(
    message: Message,
    text: str,
    kept: Sequence[Attachment],
    added: Sequence[Attachment],
    prepared: Prepared,
    *,
    version: str | None,
) -> Posted:
    with transaction.atomic():
        conversation = lock(message.conversation)
        message.refresh_from_db(fields=["text", "queued"])
        if message.queued is None:
            raise NotPossible(_("This message has been sent meanwhile. Edit it again to ask anew."))
        if is_stale(version, stored=message.text, text=text):
            words = _("This message was changed in another tab meanwhile. Send again to replace that text by yours.")
            raise Conflict("text", words, theirs=message.text)
        before: dict[str, Any] = message.queued
        kept_facts = {name: before[name] for name in ("request_id", "is_held", "reason")}
        entry = queue_entry(prepared, before["request_id"]) | kept_facts
        Message.objects.filter(pk=message.pk).update(text=text, queued=entry, html="", html_version=0)
        Attachment.objects.filter(message=message).exclude(pk__in=[one.pk for one in kept]).delete()
        take_from_draft(added, message, first=len(kept))
        message.text = text
        show(conversation, conversation.leaf or message)
        return Posted(conversation, message, None)


def _choose_attachments(
    owner: User, message: Message, uuids: Sequence[UUID] | None
) -> tuple[list[Attachment], list[Attachment]]:
    """Images of `message` to keep and of drafts to add, each in the order given. Raises Attachment.DoesNotExist."""
    mine = list(Attachment.objects.filter(message=message).select_related("blob"))
    if uuids is None:
        return mine, []
    from_drafts = Attachment.objects.visible_to(owner).filter(uuid__in=uuids, message=None).select_related("blob")
    own, new = {one.uuid: one for one in mine}, {one.uuid: one for one in from_drafts}
    wanted = list(dict.fromkeys(uuids))
    if any(uuid not in own and uuid not in new for uuid in wanted):
        raise Attachment.DoesNotExist("an image is neither on this message nor on a draft")
    return [own[uuid] for uuid in wanted if uuid in own], [new[uuid] for uuid in wanted if uuid in new]


def _settings(owner: User, message: Message, sent: Settings) -> Settings:
    if message.queued is not None and not sent.model_name and message.conversation.face != Face.COMPARE:
        return settings_of_entry(owner, message.queued)
    return settings_for(owner, message, sent)
