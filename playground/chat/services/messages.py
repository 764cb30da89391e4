"""Posting a message: one transaction for conversation, message, images, answer and run, and one run for one request id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment, Conversation, Message, Role
from playground.chat.prompt import Turn, path_turns
from playground.chat.services.answers import add_answer, answer_of, gone, lock, show
from playground.chat.services.cleaning import clean_request_id, clean_text
from playground.chat.services.context import Prompt, check_context
from playground.chat.services.drafts import clear_draft
from playground.chat.services.filling import fill_with
from playground.chat.services.paying import claim_for
from playground.chat.services.preparing import Prepared, check_attachments, known, prepare
from playground.chat.services.queue import queue_entry, release
from playground.chat.services.starting import add_starters, starter_turns
from playground.chat.services.titles import title_from
from playground.chat.showing import SHOWN_CHARACTERS
from playground.chat.tree import Tree
from playground.lib.markdown import RENDERER_VERSION, render
from playground.presets.models import PresetVersion
from playground.runs.models import Run
from playground.runs.services import DuplicateRequest
from playground.usage.budgets import Claim


@dataclass(frozen=True, slots=True)
class Posted:
    conversation: Conversation
    user_message: Message
    answer: Message | None  # None: the message waits in the queue
    attachments: Sequence[Attachment] = ()  # of the message, unless it is a repeat
    is_repeat: bool = False  # an earlier request with the same id had made all this


def post_message(
    *,
    owner: User,
    conversation: Conversation | None,
    text: str,
    model: Model | None,
    parent_uuid: UUID | None = None,
    attachment_uuids: Sequence[UUID] = (),
    parameters: Mapping[str, Any] | None = None,
    preset: PresetVersion | None = None,
    variables: Mapping[str, str] | None = None,
    request_id: str = "",
    draft_version: str | None = None,
) -> Posted:
    """A user message and its answer, at the end of what is shown; a new conversation when there is none.

    `parent_uuid` is the last message the page showed. When the conversation only went on since, the message follows what is
    newest; when another branch is shown now, it follows what the page showed. While an answer is being written above, the
    message is queued and goes out afterwards. The same request id again gives what the first one made. `model` is None when
    the one that was asked for is not in the catalogue. `preset`, with its preset loaded, is one that the owner may use; its
    `variables` are filled into what is sent, and a new conversation begins with its starter messages. The draft goes unless it is one that the page, whose last was of
    `draft_version`, never saw.

    Raises InvalidInput, and Message.DoesNotExist or Attachment.DoesNotExist for ids that are not this person's.
    """
    request_id = clean_request_id(request_id)
    if earlier := find_posted(owner, request_id, conversation):
        return earlier
    attachments = find_attachments(owner, attachment_uuids)
    text = clean_text(text)
    if not text.strip() and not attachments:
        raise InvalidInput.of("text", _("Write a message or attach an image."))

    filling = fill_with(preset, variables)
    typed, text = text, clean_text(filling.text(text))
    # A conversation without a message may be there before its first one: a column of a comparison is.
    starters = starter_turns(owner, filling) if conversation is None or conversation.leaf_id is None else []

    @cache
    def before() -> list[Turn]:
        parent = resolve_parent(conversation, parent_uuid) if conversation else None
        return path_turns(conversation, parent.pk) if conversation and parent else starters

    prepared = prepare(model=known(model), parameters=parameters or {}, before=before, added=[text], filling=filling)
    check_attachments(attachments, prepared.model)
    prompt = Prompt(prepared, before, added=[Turn(Role.USER, text, attachments)])
    check_context(prompt, conversation=conversation)
    paid = claim_for(owner, prompt)
    html = render(text[:SHOWN_CHARACTERS])
    draft_of = conversation
    try:
        with transaction.atomic():
            conversation = lock(conversation) if conversation else _new_conversation(owner, text, attachments)
            parent = resolve_parent(conversation, parent_uuid)
            if parent is None:
                parent = add_starters(conversation, starters)
            posted = _post(
                owner=owner,
                conversation=conversation,
                parent=parent,
                text=text,
                html=html,
                attachments=attachments,
                prepared=prepared,
                request_id=request_id,
                paid=paid,
            )
            clear_draft(owner=owner, conversation=draft_of, text=typed, version=draft_version)
            return posted
    except DuplicateRequest as duplicate:
        return posted_by(duplicate.run)
    except IntegrityError:  # both of two clicks came this far: the constraint let one through
        if earlier := find_posted(owner, request_id, draft_of):
            return earlier
        if draft_of is None or not _is_taken(request_id, draft_of):
            raise
        raise gone() from None


def _is_taken(request_id: str, conversation: Conversation) -> bool:
    return bool(request_id) and Message.objects.filter(conversation=conversation, request_id=request_id).exists()


def _post(
    *,
    owner: User,
    conversation: Conversation,
    parent: Message | None,
    text: str,
    html: str,
    attachments: Sequence[Attachment],
    prepared: Prepared,
    request_id: str,
    paid: Claim,
) -> Posted:
    must_wait = bool(parent and parent.run and parent.run.is_active)
    if parent is not None and parent.queued is not None:
        if parent.queued["is_held"]:
            release(parent)
        else:
            must_wait = True
    message = Message.objects.create(
        conversation=conversation,
        parent=parent,
        role=Role.USER,
        text=text,
        html=html,
        html_version=RENDERER_VERSION,
        request_id=request_id,
        queued=queue_entry(prepared, request_id) if must_wait else None,
    )
    take_from_draft(attachments, message)
    if must_wait:
        show(conversation, message, prepared)
        return Posted(conversation, message, None, attachments)
    answer = add_answer(
        owner=owner,
        conversation=conversation,
        parent=message,
        prepared=prepared,
        request_id=request_id,
        paid=paid,
    )
    show(conversation, answer, prepared)
    return Posted(conversation, message, answer, attachments)


def find_posted(owner: User, request_id: str, conversation: Conversation | None) -> Posted | None:
    """What an earlier request with this id made, or None. One query when there was none."""
    if conversation is None:  # the first message of a new one, which is never queued
        run = Run.objects.visible_to(owner).select_related("owner").filter(request_id=request_id).first()
        return posted_by(run) if run else None
    mine = Message.objects.visible_to(owner).filter(conversation=conversation, request_id=request_id)
    if not mine.exists():  # as it nearly always is, and this costs the least
        return None
    message = mine.select_related("conversation").get()
    answer = Message.objects.kept().filter(parent=message, run__request_id=request_id).select_related("run").first()
    return Posted(message.conversation, message, answer, is_repeat=True)


def posted_by(run: Run) -> Posted:
    """The message and answer of a run that an earlier request made. Raises InvalidInput when they are gone."""
    answer = answer_of(run)
    return Posted(answer.conversation, answer.parent or answer, answer, is_repeat=True)


def find_attachments(owner: User, uuids: Sequence[UUID]) -> list[Attachment]:
    """The images of `owner` on a draft, in the order given. Raises Attachment.DoesNotExist."""
    if not uuids:
        return []
    rows = Attachment.objects.visible_to(owner).filter(uuid__in=uuids, message=None).select_related("blob")
    found = {attachment.uuid: attachment for attachment in rows}
    try:
        return [found[uuid] for uuid in dict.fromkeys(uuids)]
    except KeyError as missing:
        raise Attachment.DoesNotExist(f"no attachment {missing} on a draft") from None


def take_from_draft(attachments: Sequence[Attachment], message: Message, *, first: int = 0) -> None:
    """Move images to `message`, to the positions from `first` on. Raises Attachment.DoesNotExist when another request took one first."""
    for position, attachment in enumerate(attachments, first):
        rows = Attachment.objects.filter(pk=attachment.pk, message=None)
        if not rows.update(draft=None, message=message, position=position):
            raise Attachment.DoesNotExist(f"attachment {attachment.uuid} is no longer on a draft")


def _new_conversation(owner: User, text: str, attachments: Sequence[Attachment]) -> Conversation:
    return Conversation.objects.create(owner=owner, title=title_from(text, attachments), updated_at=timezone.now())


def resolve_parent(conversation: Conversation, parent_uuid: UUID | None) -> Message | None:
    """The message to follow. Raises Message.DoesNotExist when `parent_uuid` is not of this conversation."""
    leaf = conversation.leaf
    if leaf is not None and leaf.uuid == parent_uuid and leaf.deleted_at is None:
        return leaf  # what the page showed is the end still
    tree = Tree.of(conversation)
    path = tree.path(conversation.leaf_id)
    at = path[-1] if path else None
    if parent_uuid is not None:
        named = tree.find(parent_uuid)
        if named is None:
            raise Message.DoesNotExist(f"no message {parent_uuid} in this conversation")
        at = at if named in path else named
    return Message.objects.select_related("run").get(pk=at) if at is not None else None
