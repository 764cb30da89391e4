"""Columns come, go and change places. Their conversations hold settings and history."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import NotPossible
from playground.chat.models import Conversation, Message, Role
from playground.chat.services.branching import branch_from
from playground.chat.services.queue import unsent_entry
from playground.chat.tree import Tree
from playground.compare.errors import TooManyColumns
from playground.compare.models import Column, Comparison
from playground.compare.services.comparisons import add_empty_column, touch
from playground.compare.services.history import copy_history, path_of
from playground.compare.settings import ColumnSettings
from playground.runs.models import ACTIVE

MOST_COLUMNS = 16


def add_column(*, comparison: Comparison, like: Column | None = None) -> Column:
    """A column with the settings and the history of `like`, the last one when left out, right behind it.

    Its last question has no answer yet: it waits for a person, like any message that was not sent. Raises TooManyColumns.
    """
    with transaction.atomic():
        columns = _locked(comparison)
        if len(columns) >= MOST_COLUMNS:
            raise TooManyColumns(_("A comparison takes at most %(most)d columns.") % {"most": MOST_COLUMNS})
        model = like or (columns[-1] if columns else _last_removed(comparison))
        at = columns.index(model) + 1 if model in columns else len(columns)
        settings = ColumnSettings.of(model.conversation) if model else ColumnSettings()
        column = add_empty_column(comparison, settings, at)
        if model is not None:
            _copy_questions(model, column)
        _place([*columns[:at], column, *columns[at:]])
        touch(comparison)
    return column


def remove_column(*, column: Column) -> None:
    """Take it off the screen; `restore_column` brings it back as it was."""
    with transaction.atomic():
        columns = _locked(column.comparison)
        Column.objects.filter(pk=column.pk).update(is_removed=True)
        _place([one for one in columns if one.pk != column.pk])


def restore_column(*, column: Column) -> None:
    """Back to where it stood. Raises TooManyColumns."""
    with transaction.atomic():
        columns = _locked(column.comparison)
        if column in columns:
            return
        if len(columns) >= MOST_COLUMNS:
            raise TooManyColumns(_("A comparison takes at most %(most)d columns.") % {"most": MOST_COLUMNS})
        Column.objects.filter(pk=column.pk).update(is_removed=False)
        at = min(column.position, len(columns))
        _place([*columns[:at], column, *columns[at:]])


def move_column(*, column: Column, by: int) -> None:
    """`by` places to the right, or to the left when negative; never beyond the end."""
    with transaction.atomic():
        columns = _locked(column.comparison)
        if column not in columns:
            raise Column.DoesNotExist("the column has been removed meanwhile")
        at = columns.index(column)
        columns.insert(max(0, min(at + by, len(columns) - 1)), columns.pop(at))
        _place(columns)


def open_as_chat(*, owner: User, column: Column) -> Conversation:
    """A chat that goes on from a copy of what `column` shows, without what is still being written or waits. Raises NotPossible."""
    ids = Tree.of(column.conversation).path(column.conversation.leaf_id)
    settled = Message.objects.select_related("conversation", "run").filter(pk__in=ids, queued__isnull=True)
    last = settled.exclude(run__status__in=ACTIVE).order_by("id").last()
    if last is None:
        raise NotPossible(_("This column has nothing to go on from yet."))
    return branch_from(owner=owner, message=last)


def columns_of(comparison: Comparison) -> list[Column]:
    """Those on the screen, in their order, with conversation, leaf and preset. One query."""
    rows = comparison.columns.shown().select_related("conversation__leaf", "conversation__preset__preset")
    return list(rows)


def may_add(owner: User, comparison: Comparison) -> bool:
    """Whether one more column would be taken."""
    return Column.objects.visible_to(owner).shown().filter(comparison=comparison).count() < MOST_COLUMNS


def _locked(comparison: Comparison) -> list[Column]:
    """The columns on the screen; nobody else changes their places until the transaction ends."""
    Comparison.objects.select_for_update().get(pk=comparison.pk)
    return list(comparison.columns.shown().select_related("conversation__preset", "comparison__owner"))


def _last_removed(comparison: Comparison) -> Column | None:
    rows = comparison.columns.select_related("conversation__preset")
    return rows.order_by("-id").first()


def _place(columns: list[Column]) -> None:
    for position, column in enumerate(columns):
        column.position = position
    Column.objects.bulk_update(columns, ["position"])


def _copy_questions(origin: Column, column: Column) -> None:
    """The path that `origin` shows, up to its last question, which waits."""
    path = path_of(origin.conversation)
    while path and path[-1].role != Role.USER:
        path.pop()
    last = copy_history(path, column.conversation)
    if last is not None:
        said = _("This column has not answered it yet.")
        Message.objects.filter(pk=last.pk).update(queued=unsent_entry(said))
