"""Columns: their settings, and how they come, go and change places."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from playground.catalog.form_schema import Dropped, build_form, validate
from playground.chat.preset_page import show_presets
from playground.chat.services.settings import settings_of
from playground.chat.views.common import (
    chat_view,
    conversation_url,
    go_to,
    is_fragment,
    person,
    read_composer,
    read_uuid,
)
from playground.chat.views.presets import fill_form
from playground.compare.blind import require_told
from playground.compare.models import Column, Comparison
from playground.compare.opening import open_board
from playground.compare.services.columns import add_column, move_column, open_as_chat, remove_column, restore_column
from playground.compare.services.posting import models_by_name
from playground.compare.services.settings import pin_field, save_settings
from playground.compare.settings import ColumnSettings
from playground.compare.views.common import column_of, comparison_of, comparison_url, show_heads


@require_POST
@chat_view
def add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A column like `like`, right behind it; without it, like the last one."""
    comparison = comparison_of(request, uuid)
    require_told(comparison)
    like = read_uuid(request.POST.get("like", ""))
    origin = column_of(request, like) if like else None
    if origin is not None and origin.comparison_id != comparison.pk:
        raise Column.DoesNotExist
    return _came(request, comparison, add_column(comparison=comparison, like=origin))


@require_POST
@chat_view
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Off the screen, with a way back."""
    column = column_of(request, uuid)
    remove_column(column=column)
    return show_heads(request, column.comparison, "compare/_column_removed.html", removed=column)


@require_POST
@chat_view
def restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    column = column_of(request, uuid, is_removed=True)
    require_told(column.comparison)
    restore_column(column=column)
    return _came(request, column.comparison, column)


@require_POST
@chat_view
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """`by` is "-1" or "1"."""
    column = column_of(request, uuid)
    require_told(column.comparison)
    move_column(column=column, by=-1 if request.POST.get("by") == "-1" else 1)
    return show_heads(request, column.comparison, "compare/_heads.html")


@require_POST
@chat_view
def chat(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Go on in a chat, from a copy of what the column shows."""
    made = open_as_chat(owner=person(request), column=column_of(request, uuid))
    return go_to(request, conversation_url(made))


@require_http_methods(["GET", "POST"])
@chat_view
def settings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """GET: the form. POST: keep what was entered; the heads come back, because what differs may be another thing now."""
    column = column_of(request, uuid)
    require_told(column.comparison)
    if request.method == "POST":
        sent = read_composer(request)
        chosen = ColumnSettings(sent.model_name, sent.parameters, sent.require_preset(), sent.variables)
        save_settings(owner=person(request), column=column, settings=chosen)
        return show_heads(request, column.comparison, "compare/_heads.html")
    return _form(request, column)


@require_POST
@chat_view
def preset(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form as `preset` fills it, kept; without one, as it is."""
    column, user, sent = column_of(request, uuid), person(request), read_composer(request)
    require_told(column.comparison)
    version = sent.require_preset()
    filled = fill_form(user, sent, version)
    chosen = ColumnSettings(filled.model.public_name, filled.parameters, version, sent.variables)
    save_settings(owner=user, column=column, settings=chosen)
    return _form(request, column_of(request, uuid), dropped=filled.dropped, problem=filled.problem)


@require_POST
@chat_view
def pin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The `field` is the same in all columns from now on, as this one has it; or each its own again."""
    column = column_of(request, uuid)
    require_told(column.comparison)
    is_pinned = request.POST.get("is_pinned") == "true"
    pin_field(owner=person(request), column=column, field=request.POST.get("field", ""), is_pinned=is_pinned)
    return show_heads(request, column.comparison, "compare/_heads.html")


def _form(request: HttpRequest, column: Column, *, dropped: Sequence[Dropped] = (), problem: str = "") -> HttpResponse:
    user, conversation = person(request), column.conversation
    models, chosen = models_by_name(user), settings_of(user, conversation)
    model = models.get(conversation.model_name) or next(iter(models.values()), None)
    values = conversation.parameters
    wrong = validate(model, values).errors if model else ()
    form = build_form(model, values, wrong, dropped=dropped, models=models.values()) if model else None
    if not is_fragment(request):
        return redirect(comparison_url(column.comparison))
    number = list(column.comparison.columns.shown().values_list("pk", flat=True)).index(column.pk) + 1
    context = {"column": column, "number": number, "comparison": column.comparison, "form": form, "problem": problem}
    lost = conversation.preset.name if conversation.preset and chosen.preset is None else ""
    presets = show_presets(user, chosen.preset, chosen.variables, is_new=False, lost=lost)
    return render(request, "compare/_settings.html", {**context, "presets": presets, "slot": "compare/_preset.html"})


def _came(request: HttpRequest, comparison: Comparison, column: Column) -> HttpResponse:
    """The column in its place, and all heads."""
    if not is_fragment(request):
        return redirect(comparison_url(comparison))
    board = open_board(person(request), comparison)
    at = next((at for at, one in enumerate(board.columns) if one.uuid == column.uuid), None)
    if at is None:
        raise Column.DoesNotExist
    before = board.columns[at - 1] if at else None
    context = {"board": board, "comparison": comparison, "columns": board.columns, "came": board.columns[at]}
    return render(request, "compare/_column_came.html", {**context, "before": before})
