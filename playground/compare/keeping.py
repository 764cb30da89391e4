"""What is done with a comparison as a whole: renamed, duplicated, deleted with a way back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.models import Message
from playground.chat.services.branching import copy_path
from playground.chat.services.cleaning import MAX_TITLE, clean_title
from playground.chat.services.deleting import stop_runs
from playground.chat.tree import Tree
from playground.compare.models import Column, Comparison
from playground.compare.services.columns import columns_of
from playground.compare.services.comparisons import conversations_of, create_comparison
from playground.compare.settings import ColumnSettings
from playground.compare.writing import update_together
from playground.runs.models import Run


def rename(*, comparison: Comparison, title: str) -> None:
    """Raises InvalidInput for a title without a visible character."""
    comparison.title = clean_title(title)
    comparison.save(update_fields=["title"])


def duplicate(*, owner: User, comparison: Comparison, with_history: bool) -> Comparison:
    """Another comparison with the same columns, pins and blindness, and with copies of what they show when that is asked for.

    Runs and their figures stay with the originals. An answer that is being written is left out.
    """
    columns = columns_of(comparison)
    title = _("Copy of %(title)s") % {"title": comparison.title or _("a comparison")}
    with transaction.atomic():
        settings = [ColumnSettings.of(column.conversation) for column in columns]
        copy = create_comparison(owner=owner, settings=settings, title=title[:MAX_TITLE])
        copy.pinned_fields, copy.is_blind = comparison.pinned_fields, comparison.is_blind
        copy.save(update_fields=["pinned_fields", "is_blind"])
        if with_history:
            for column, made in zip(columns, columns_of(copy), strict=True):
                _copy_history(column, made)
    return copy


def delete(*, comparison: Comparison) -> None:
    """Out of every list at once, with its conversations; answers that are being written are stopped. Can be undone."""
    now = timezone.now()
    with transaction.atomic():
        Comparison.objects.filter(pk=comparison.pk, deleted_at=None).update(deleted_at=now)
        keys = update_together(conversations_of(comparison).filter(deleted_at=None), deleted_at=now)
        stop_runs(Run.objects.active().filter(message__conversation__in=keys))


def restore(*, owner: User, comparison_uuid: UUID) -> Comparison:
    """Undo. Raises Comparison.DoesNotExist."""
    with transaction.atomic():
        comparison = Comparison.objects.select_for_update().get(owner=owner, uuid=comparison_uuid)
        rows = conversations_of(comparison).filter(deleted_at=comparison.deleted_at)
        update_together(rows, deleted_at=None)
        comparison.deleted_at = None
        comparison.save(update_fields=["deleted_at"])
    return comparison


def _copy_history(column: Column, copy: Column) -> None:
    """What `column` shows, up to the last answer that is whole."""
    path = Tree.of(column.conversation).path(column.conversation.leaf_id)
    unfinished = Message.objects.filter(pk__in=path).filter(Q(queued__isnull=False) | Q(run__in=Run.objects.active()))
    if (first := unfinished.order_by("pk").values_list("pk", flat=True).first()) is not None:
        path = path[: path.index(first)]
    copy.conversation.leaf = copy_path(path, copy.conversation, with_request_ids=True)
    copy.conversation.save(update_fields=["leaf"])
