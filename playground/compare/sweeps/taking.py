"""A cell goes on elsewhere: as a chat, as a column of a comparison, as a preset. Nothing of the sweep changes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.errors import NotPossible
from playground.chat.models import Conversation, Face, Message
from playground.chat.services.branching import branch_from
from playground.chat.services.cleaning import MAX_TITLE
from playground.chat.services.settings import version_named
from playground.compare.models import Cell, Column, Comparison
from playground.compare.services.comparisons import create_comparison
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.wording_of_plan import place_label
from playground.presets.content import Content
from playground.presets.models import Preset
from playground.presets.services.keeping import create_preset
from playground.runs.models import Run


def open_as_chat(*, owner: User, cell: Cell) -> Conversation:
    """A conversation with the question, the answer and the settings of `cell`. Raises NotPossible before it has an answer."""
    answer, run = _answered(cell)
    with transaction.atomic():
        chat = branch_from(owner=owner, message=answer)
        label = place_label(plan_of(cell.sweep), cell.square)
        title = f"{cell.sweep.title} · {label}" if label else cell.sweep.title
        chat.title, chat.face = title[:MAX_TITLE], Face.CHAT
        chat.model_name, chat.parameters = run.model_name, _values(run)
        chat.preset = version_named(owner, run.preset) if run.preset else None
        chat.variables = dict(run.receipt.get("variables", {}))
        chat.updated_at = timezone.now()
        chat.save()
    return chat


def open_as_column(*, owner: User, cell: Cell) -> Comparison:
    """A new comparison whose first column is `cell`. Raises NotPossible before it has an answer."""
    with transaction.atomic():
        conversation = open_as_chat(owner=owner, cell=cell)
        Conversation.objects.filter(pk=conversation.pk).update(face=Face.COMPARE)
        comparison = create_comparison(owner=owner, settings=[], title=conversation.title)
        Column.objects.create(comparison=comparison, conversation=conversation, position=0)
    return comparison


def save_as_preset(*, owner: User, cell: Cell) -> Preset:
    """A preset of `owner` with the model and parameters of `cell`, and the variables and starters of its preset. Raises InvalidPreset."""
    _answer, run = _answered(cell)
    version = version_named(owner, run.preset) if run.preset else None
    before = version.content if version else Content()
    content = Content(run.model_name, _values(run), before.messages, before.variables)
    label = place_label(plan_of(cell.sweep), cell.square)
    name = " · ".join(part for part in (cell.sweep.title[:60], label[:50]) if part)
    return create_preset(owner=owner, name=name or _("From a sweep"), content=content, note=_("From a sweep"))


def _answered(cell: Cell) -> tuple[Message, Run]:
    if cell.answer is None or cell.answer.run is None:
        raise NotPossible(_("This cell has no answer yet."))
    return cell.answer, cell.answer.run


def _values(run: Run) -> dict[str, Any]:
    """The form values that the run was sent with, their variables not filled in."""
    return {**run.receipt.get("values", {}), **run.receipt.get("template", {})}
