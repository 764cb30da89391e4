"""Deleting conversations for their age: what would go is told first; what goes, goes in small transactions."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef
from django.utils import timezone

from playground.chat.models import Attachment, Conversation, ConversationQuerySet, Message
from playground.runs.models import Run

# Of one transaction: on SQLite everybody else who writes waits for it.
CONVERSATIONS_AT_ONCE = 50
MESSAGES_AT_ONCE = 200
LEAST_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Aged:
    """What is old enough to go."""

    before: datetime.datetime  # the last message is older than this
    conversations: int
    messages: int
    images: int
    people: int
    oldest: datetime.datetime | None  # last messages
    newest: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Removed:
    conversations: int = 0
    messages: int = 0
    is_all: bool = True  # False: time was up, there is more


def cutoff(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def aged(before: datetime.datetime) -> ConversationQuerySet:
    """Conversations whose last message is older than `before`, the deleted ones too; none in which an answer is being written."""
    busy = Run.objects.active().filter(message__conversation=OuterRef("pk"))
    return Conversation.objects.filter(~Exists(busy), updated_at__lt=before)


def look(before: datetime.datetime) -> Aged:
    """What would be deleted now. Three queries over all of it."""
    rows = aged(before)
    facts = rows.order_by().aggregate(
        count=Count("pk"), people=Count("owner", distinct=True), oldest=Min("updated_at"), newest=Max("updated_at")
    )
    return Aged(
        before=before,
        conversations=facts["count"],
        messages=Message.objects.filter(conversation__in=rows).count(),
        images=Attachment.objects.filter(message__conversation__in=rows).count(),
        people=facts["people"],
        oldest=facts["oldest"],
        newest=facts["newest"],
    )


def delete_aged(before: datetime.datetime, *, within_s: float | None = None) -> Removed:
    """Delete for good what `aged(before)` is, with messages, runs and references to images; stop after `within_s`.

    Figures and the audit log stay. Between transactions others have as much time as the last one took.
    """
    deadline = time.monotonic() + within_s if within_s is not None else None
    conversations = messages = 0
    for batch in _batches(before):
        began = time.monotonic()
        gone = _delete(batch, before)
        conversations, messages = conversations + gone.conversations, messages + gone.messages
        now = time.monotonic()
        if deadline is not None and now > deadline:
            return Removed(conversations, messages, is_all=not aged(before).exists())
        time.sleep(max(LEAST_PAUSE_S, now - began))
    return Removed(conversations, messages)


def keep_to_the_rule() -> Removed:
    """What the daily upkeep deletes: nothing unless PLAYGROUND_RETENTION_DAYS is set."""
    return delete_aged(cutoff(settings.RETENTION_DAYS)) if settings.RETENTION_DAYS else Removed()


def _batches(before: datetime.datetime) -> Iterator[Sequence[int]]:
    """Keys in ascending order, so that what is passed is not looked at again: some small conversations, or one long one."""
    last = 0
    while found := list(
        aged(before).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CONVERSATIONS_AT_ONCE]
    ):
        lengths = dict(
            Message.objects.filter(conversation__in=found).order_by().values_list("conversation").annotate(Count("pk"))
        )
        batch: list[int] = []
        length = 0
        for pk in found:
            length += lengths.get(pk, 0)
            if batch and length > MESSAGES_AT_ONCE:
                break
            batch.append(pk)
        last = batch[-1]
        yield batch


def _delete(batch: Sequence[int], before: datetime.datetime) -> Removed:
    """The conversations of `batch` that are still old enough: in one transaction, a long one's messages before it."""
    messages = 0
    if len(batch) == 1:
        messages = _shorten(batch[0], before)
    with transaction.atomic():
        # Locked, so that nothing is written into what is being deleted.
        rows = aged(before).select_for_update(of=("self",)).filter(pk__in=batch)
        doomed = list(rows.order_by("pk").values_list("pk", flat=True))
        messages += _delete_messages(Message.objects.filter(conversation__in=doomed).values_list("pk", flat=True))
        Conversation.objects.filter(pk__in=doomed).delete()
    return Removed(len(doomed), messages)


def _shorten(conversation: int, before: datetime.datetime) -> int:
    """Delete messages of a long conversation until it fits one transaction: the newest first, for the older are their parents."""
    removed = 0
    while True:
        with transaction.atomic():
            if not aged(before).select_for_update(of=("self",)).filter(pk=conversation).exists():
                return removed
            rows = Message.objects.filter(conversation=conversation).order_by("-pk")
            if rows[MESSAGES_AT_ONCE:].first() is None:
                return removed
            # Nobody is shown half a conversation.
            Conversation.objects.filter(pk=conversation, deleted_at=None).update(deleted_at=timezone.now())
            removed += _delete_messages(rows.values_list("pk", flat=True)[:MESSAGES_AT_ONCE])
        time.sleep(LEAST_PAUSE_S)


def _delete_messages(keys: Iterable[int]) -> int:
    doomed = list(keys)
    Run.objects.filter(message__in=doomed).delete()
    Message.objects.filter(pk__in=doomed).delete()
    return len(doomed)
