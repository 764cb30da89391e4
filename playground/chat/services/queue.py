"""Messages typed while an answer streams: they wait as rows, so closed tabs and restarts do not lose them.

`Message.queued` is {"model", "parameters", "preset", "variables", "request_id", "is_held", "reason", "said"?}; the text has its variables filled in. A waiting message goes out when the answer
before it is complete. When that answer failed, was stopped or interrupted, or the message itself cannot be sent or paid, it is held
for a person: nothing that costs money happens behind their back on top of something that went wrong. A column of a comparison holds
what it refused in the same way, with the sentence that was `said`, and sends it with the settings that it has by then.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import InvalidInput, NotPossible, OverBudget
from playground.chat.models import Attachment, Conversation, Face, Message
from playground.chat.prompt import path_turns
from playground.chat.services.answers import add_answer, answer_of, is_answering, lock, show
from playground.chat.services.completing import complete_unsent
from playground.chat.services.context import Prompt
from playground.chat.services.drafts import put_back
from playground.chat.services.paying import claim_for
from playground.chat.services.preparing import Prepared, find_model, prepare
from playground.chat.services.settings import Settings, settings_of, version_named
from playground.runs.models import Run, RunStatus
from playground.runs.services import DuplicateRequest

UNSENT = "unsent"  # the reason of what was kept as it was typed


def queue_entry(prepared: Prepared, request_id: str) -> dict[str, Any]:
    """What a waiting message has to remember."""
    return {
        "model": prepared.model.public_name,
        "parameters": prepared.values,
        "preset": prepared.preset.name if prepared.preset else "",
        "variables": dict(prepared.filling.given),
        "request_id": request_id,
        "is_held": False,
        "reason": "",
    }


def unsent_entry(said: str, request_id: str = "") -> dict[str, Any]:
    """Of a message of a column that waits for a person from the beginning; `said` tells them why, in their language.

    What it is sent with is what the column has then.
    """
    return {
        "model": "",
        "parameters": {},
        "request_id": request_id or secrets.token_urlsafe(24),
        "is_held": True,
        "reason": UNSENT,
        "said": said,
    }


def settings_of_entry(owner: User, entry: dict[str, Any]) -> Settings:
    """What a waiting message will be sent with. Raises InvalidInput when its preset is out of reach by now."""
    version = None
    if name := entry.get("preset"):  # entries of before presets have none
        version = version_named(owner, name)
        if version is None:
            raise InvalidInput.of("preset", _("The preset of this message is not there any more. Choose another one."))
    return Settings(entry["model"], entry["parameters"], version, entry.get("variables", {}))


def waiting_below(message: Message) -> Message | None:
    """The message that is queued right behind `message`."""
    queued = Message.objects.kept().filter(parent=message, queued__isnull=False)
    return queued.select_related("conversation").order_by("id").first()


def after_run(run: Run, answer: Message) -> None:
    """The answer has ended: send what waits behind it, or hold it. Within the transaction that writes the end and has the lock."""
    message = waiting_below(answer)
    if message is None or message.conversation.deleted_at is not None:
        return
    if run.status != RunStatus.COMPLETED:
        hold(message, str(run.status))
        return
    try:
        # A savepoint: a message that cannot be sent must not undo the end of the run before it.
        with transaction.atomic():
            _send(run.owner, message.conversation, message, is_asked_now=False)
    except OverBudget:
        hold(message, "over_budget")
    except (InvalidInput, DuplicateRequest):
        hold(message, "unsendable")


def hold(message: Message, reason: str) -> None:
    """Keep `message` and all that wait behind it for a person. `reason` is a RunStatus, "over_budget" or "unsendable"."""
    at: Message | None = message
    while at is not None:
        Message.objects.filter(pk=at.pk, queued__isnull=False).update(
            queued=(at.queued or {}) | {"is_held": True, "reason": reason}
        )
        at = waiting_below(at)


def send_now(*, owner: User, message: Message) -> Message:
    """Send a held message. The second of two clicks gets the same answer. Raises InvalidInput, NotPossible."""
    with transaction.atomic():
        conversation = lock(message.conversation)
        message = Message.objects.visible_to(owner).select_related("parent").get(pk=message.pk)
        if message.queued is None:
            answer = Message.objects.kept().filter(parent=message, run__isnull=False).order_by("id").first()
            if answer is None:
                raise NotPossible(_("This message is not waiting."))
            return answer
        if is_answering(message.parent) or (message.parent is not None and message.parent.queued is not None):
            raise NotPossible(_("It goes out by itself when the answer before it is done."))
        try:
            with transaction.atomic():
                return _send(owner, conversation, message, is_asked_now=True)
        except DuplicateRequest as duplicate:
            return answer_of(duplicate.run)


def remove_from_queue(*, owner: User, message: Message) -> None:
    """Take a message out of the queue; its text and images go back to the draft when that is empty. Raises NotPossible."""
    with transaction.atomic():
        conversation = lock(message.conversation)
        message = Message.objects.visible_to(owner).select_related("parent").get(pk=message.pk)
        if message.queued is None:
            raise NotPossible(_("This message has already been sent."))
        put_back(owner=owner, conversation=conversation, message=message)
        Message.objects.filter(parent=message).update(parent=message.parent)
        is_end = conversation.leaf_id == message.pk
        parent = message.parent
        message.delete()
        if parent is not None and is_end:
            show(conversation, parent)


def release(message: Message) -> None:
    """A held message becomes an ordinary one, without a request of its own: the next message is sent with it."""
    Message.objects.filter(pk=message.pk).update(queued=None)


def _send(owner: User, conversation: Conversation, message: Message, *, is_asked_now: bool) -> Message:
    """The answer to a queued message. What waits behind it now waits behind its answer."""
    entry: dict[str, Any] = message.queued or {}
    before = partial(path_turns, conversation, message.pk)
    asked = settings_of(owner, conversation) if conversation.face == Face.COMPARE else settings_of_entry(owner, entry)
    model, filling = find_model(owner, asked.model_name), asked.filling()
    if entry["reason"] == UNSENT:
        complete_unsent(owner=owner, conversation=conversation, message=message, filling=filling)
    prepared = prepare(model=model, parameters=asked.parameters, before=before, filling=filling)
    if Attachment.objects.filter(message=message).exists() and not prepared.model.has_vision:
        raise InvalidInput.of("attachments", _("%(model)s does not read images.") % {"model": prepared.model.title})
    paid = claim_for(owner, Prompt(prepared, before), is_asked_now=is_asked_now)
    Message.objects.filter(pk=message.pk).update(queued=None)
    answer = add_answer(
        owner=owner,
        conversation=conversation,
        parent=message,
        prepared=prepared,
        request_id=entry["request_id"],
        paid=paid,
    )
    Message.objects.kept().filter(parent=message, queued__isnull=False).update(parent=answer)
    if conversation.leaf_id == message.pk:
        show(conversation, answer, prepared)
    return answer
