"""Deleting messages and conversations so that it can be undone, until the purge."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from playground.accounts.models import User
from playground.chat.models import Conversation, Message
from playground.chat.services.answers import lock
from playground.chat.services.notices import announce
from playground.chat.tree import Tree
from playground.runs.models import Run
from playground.runs.services import stop_run

KEEP_DELETED = datetime.timedelta(days=30)


def delete_message(*, message: Message) -> None:
    """Delete `message` and all below it; answers that are being written there are stopped. Can be undone."""
    with transaction.atomic():
        conversation = lock(message.conversation)
        tree = Tree.of(conversation)
        if message.pk not in tree.nodes:
            return
        gone = tree.subtree(message.pk)
        Message.objects.filter(pk__in=gone).update(deleted_at=timezone.now())
        stop_runs(Run.objects.active().filter(message__in=gone))
        if conversation.leaf_id in gone:
            beside = [one for one in tree.siblings(message.pk) if one != message.pk]
            conversation.leaf_id = tree.last_leaf(beside[-1]) if beside else tree.nodes[message.pk].parent_id
        conversation.save(update_fields=["leaf"])
        announce(conversation)


def restore_message(*, owner: User, message_uuid: UUID) -> Message:
    """Undo: `message` and what was deleted with it come back and are shown. Raises Message.DoesNotExist."""
    rows = Message.objects.filter(conversation__owner=owner, conversation__deleted_at=None)
    with transaction.atomic():
        message = rows.select_related("conversation", "parent").get(uuid=message_uuid)
        conversation = lock(message.conversation)
        if message.deleted_at is None:
            return message
        if message.parent is not None and message.parent.deleted_at is not None:
            raise Message.DoesNotExist("what it replied to is deleted too")
        Message.objects.filter(conversation=conversation, deleted_at=message.deleted_at).update(deleted_at=None)
        conversation.leaf_id = Tree.of(conversation).last_leaf(message.pk)
        conversation.save(update_fields=["leaf"])
        announce(conversation)
        return message


def delete_conversation(*, conversation: Conversation) -> None:
    """Out of every list at once; answers that are being written are stopped. Can be undone."""
    with transaction.atomic():
        Conversation.objects.filter(pk=conversation.pk, deleted_at=None).update(deleted_at=timezone.now())
        stop_runs(Run.objects.active().filter(message__conversation=conversation))
        announce(conversation)


def restore_conversation(*, owner: User, conversation_uuid: UUID) -> Conversation:
    """Undo. Raises Conversation.DoesNotExist."""
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(owner=owner, uuid=conversation_uuid)
        conversation.deleted_at = None
        conversation.save(update_fields=["deleted_at"])
        return conversation


def purge(*, older_than: datetime.timedelta = KEEP_DELETED) -> tuple[int, int]:
    """Remove for good what was deleted longer ago than that, runs and texts included. Returns (conversations, messages)."""
    before = timezone.now() - older_than
    with transaction.atomic():
        conversations = Conversation.objects.filter(deleted_at__lt=before)
        messages = Message.objects.filter(deleted_at__lt=before).exclude(conversation__in=conversations)
        count = conversations.count(), messages.count()
        Run.objects.filter(message__conversation__in=conversations).delete()
        Run.objects.filter(message__in=messages).delete()
        messages.delete()
        conversations.delete()
    return count


def stop_runs(runs: Iterable[Run]) -> None:
    """After the commit: a run is stopped by another thread, which must see why."""
    for run in list(runs):
        transaction.on_commit(lambda run=run: stop_run(run))  # type: ignore[misc]  # mypy cannot infer the default
