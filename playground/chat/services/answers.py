"""Making an answer: the message that waits for text and the run that brings it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import InvalidInput, NotPossible, OverBudget
from playground.chat.models import Conversation, Message, Role
from playground.chat.prompt import path_turns
from playground.chat.services.cleaning import clean_request_id
from playground.chat.services.context import Prompt, check_context
from playground.chat.services.notices import announce
from playground.chat.services.paying import claim_for
from playground.chat.services.preparing import Prepared, find_model, prepare
from playground.chat.services.settings import Settings, settings_for
from playground.presets.models import PresetVersion
from playground.presets.services import count_use
from playground.runs.models import Run
from playground.runs.services import DuplicateRequest, create_run, start_run
from playground.usage.budget_wording import refusal_text
from playground.usage.budgets import BudgetRefused, Claim

# Of a conversation's leaf: what a lock need not read.
_LONG_FIELDS = [
    *(f"leaf__{name}" for name in ("text", "reasoning", "html")),
    *(f"leaf__run__{name}" for name in ("text", "reasoning", "request", "receipt", "response", "error")),
]


def lock(conversation: Conversation) -> Conversation:
    """The row as it is now with its leaf, held until the transaction ends. SQLite's transactions hold all of the database."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("leaf__run").defer(*_LONG_FIELDS)
    return rows.get(pk=conversation.pk)


def add_answer(
    *,
    owner: User,
    conversation: Conversation,
    parent: Message | None,
    prepared: Prepared,
    request_id: str,
    paid: Claim,
    continues: Message | None = None,
) -> Message:
    """A new answer below `parent`, its run started on commit. Within a transaction. Raises DuplicateRequest, OverBudget."""
    try:
        run = create_run(
            owner=owner,
            source=conversation.face,
            model=prepared.model,
            request_id=request_id,
            request=prepared.request,
            receipt=prepared.receipt,
            preset=prepared.preset.name if prepared.preset else "",
            paid=paid,
        )
    except BudgetRefused as refused:
        raise OverBudget(refusal_text(refused)) from None
    if prepared.preset is not None:
        count_use(version=prepared.preset)
    answer = Message.objects.create(
        conversation=conversation, parent=parent, role=Role.ASSISTANT, run=run, continues=continues
    )
    transaction.on_commit(lambda: start_run(run))
    return answer


def show(conversation: Conversation, leaf: Message, prepared: Prepared | None = None) -> None:
    """Make `leaf` the end of the shown path, say so to open pages, and remember the settings. One update."""
    conversation.leaf = leaf
    conversation.updated_at = timezone.now()
    fields = ["leaf", "updated_at"]
    if prepared is not None:
        conversation.model_name = prepared.model.public_name
        conversation.parameters = prepared.values
        conversation.preset = prepared.preset
        conversation.variables = dict(prepared.filling.given)
        fields += ["model_name", "parameters", "preset", "variables"]
    conversation.save(update_fields=fields)
    announce(conversation)


def answer_of(run: Run) -> Message:
    """The answer that an earlier request with the same id made. Raises InvalidInput when it made something else."""
    answer = (
        Message.objects.visible_to(run.owner).select_related("conversation", "parent", "run").filter(run=run).first()
    )
    if answer is None:
        raise gone()
    return answer


def gone() -> InvalidInput:
    """A request was sent before, and what it made has been deleted."""
    return InvalidInput.of("request_id", _("This request was sent before, and what it made is gone."))


def retry_answer(
    *,
    owner: User,
    message: Message,
    model_name: str = "",
    parameters: Mapping[str, Any] | None = None,
    preset: PresetVersion | None = None,
    variables: Mapping[str, str] | None = None,
    request_id: str = "",
) -> Message:
    """Another answer beside `message`, or below it when it is a user message without one.

    With the model, parameters and preset given, else those that `message` was made with, else the conversation's. What was
    queued behind the old answer waits for the new one. Raises InvalidInput, NotPossible.
    """
    asked = settings_for(owner, message, Settings(model_name, parameters or {}, preset, variables or {}))
    return _answer_again(owner=owner, message=message, asked=asked, request_id=request_id, continues=None)


def continue_answer(
    *,
    owner: User,
    message: Message,
    model_name: str = "",
    parameters: Mapping[str, Any] | None = None,
    preset: PresetVersion | None = None,
    variables: Mapping[str, str] | None = None,
    request_id: str = "",
) -> Message:
    """A sibling of `message` that begins with its text and goes on from there. Raises InvalidInput, NotPossible."""
    if message.role != Role.ASSISTANT or not message.text.strip():
        raise NotPossible(_("Only an answer that has some text can be continued."))
    asked = settings_for(owner, message, Settings(model_name, parameters or {}, preset, variables or {}))
    return _answer_again(owner=owner, message=message, asked=asked, request_id=request_id, continues=message)


def _answer_again(
    *,
    owner: User,
    message: Message,
    asked: Settings,
    request_id: str,
    continues: Message | None,
) -> Message:
    request_id = clean_request_id(request_id)
    parent = message.parent if message.role == Role.ASSISTANT else message
    conversation, leaf = message.conversation, parent.pk if parent else None
    before = partial(path_turns, conversation, leaf)
    model = find_model(owner, asked.model_name)
    prepared = prepare(model=model, parameters=asked.parameters, before=before, filling=asked.filling())
    prompt = Prompt(prepared, before, continues=continues)
    check_context(prompt, conversation=conversation)
    paid = claim_for(owner, prompt)
    try:
        with transaction.atomic():
            conversation = lock(message.conversation)
            answer = add_answer(
                owner=owner,
                conversation=conversation,
                parent=parent,
                prepared=prepared,
                request_id=request_id,
                paid=paid,
                continues=continues,
            )
            _refuse_while_active(message)
            show(conversation, _take_queue_along(message, answer), prepared)
            return answer
    except DuplicateRequest as duplicate:
        return answer_of(duplicate.run)


def is_answering(message: Message | None) -> bool:
    """Whether the run of `message` is going on, asked of the database now. One query."""
    return bool(message and message.run_id and Run.objects.active().filter(pk=message.run_id).exists())


def _refuse_while_active(message: Message) -> None:
    if is_answering(message):
        raise NotPossible(_("This answer is still being written. Stop it first."))
    if message.queued is not None:
        raise NotPossible(_("This message has not been sent yet."))


def _take_queue_along(old: Message, answer: Message) -> Message:
    """Move what was queued behind `old` behind `answer`. Returns the end of the path: the last queued, or `answer`."""
    if old.role != Role.ASSISTANT:
        return answer
    moved = Message.objects.kept().filter(parent=old, queued__isnull=False).first()
    if moved is None:
        return answer
    Message.objects.filter(pk=moved.pk).update(
        parent=answer, queued=(moved.queued or {}) | {"is_held": False, "reason": ""}
    )
    last = moved
    while (after := Message.objects.kept().filter(parent=last, queued__isnull=False).first()) is not None:
        last = after
    return last
