"""“Save preset” in a chat: as a new one, or as the next version of the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.accounts.models import User
from playground.catalog.problems import Problem
from playground.chat.errors import InvalidInput
from playground.chat.preset_page import show_presets
from playground.chat.services.composing import Wishes, compose, sketch
from playground.chat.services.filling import given_of
from playground.chat.services.preparing import known
from playground.chat.services.settings import Settings
from playground.chat.views.common import Sent, chat_view, conversation_named, person, read_composer
from playground.chat.views.presets import keep_settings
from playground.presets.content import Content
from playground.presets.errors import Conflict, InvalidPreset
from playground.presets.models import Preset, PresetVersion
from playground.presets.services import create_preset, save_version


@require_POST
@chat_view
def form(request: HttpRequest) -> HttpResponse:
    """The dialog's form for what the page shows now."""
    return _form(request)


@require_POST
@chat_view
def save(request: HttpRequest) -> HttpResponse:
    """`how` is "new" or "update"; 422 with the form and what is wrong, everything typed kept."""
    user, conversation, sent = person(request), conversation_named(request), read_composer(request)
    try:
        version = _save(request, user, sent)
    except Conflict as conflict:
        return _form(request, conflict.errors, theirs=conflict.theirs)
    except (InvalidPreset, InvalidInput) as error:
        return _form(request, error.errors)
    variables = given_of(version.content, sent.variables)
    keep_settings(user, conversation, Settings(sent.model_name, sent.parameters, version, variables))
    presets = show_presets(user, version, variables, is_new=conversation is None, model_name=sent.model_name)
    return render(request, "chat/_preset_saved.html", {"presets": presets, "is_new": conversation is None})


def _save(request: HttpRequest, user: User, sent: Sent) -> PresetVersion:
    """Raises Conflict, InvalidPreset, InvalidInput."""
    post, chosen = request.POST, sent.require_preset()
    content = compose(
        model=known(sent.model),
        parameters=sent.parameters,
        base=chosen.content if chosen else Content(),
        conversation=conversation_named(request),
        wishes=Wishes(
            has_messages="with_messages" in post,
            begun=sent.text if "with_text" in post else "",
            has_new_variables="with_variables" in post,
        ),
    )
    note = post.get("note", "")
    if post.get("how") != "update" or chosen is None:
        preset = create_preset(owner=user, name=post.get("name", ""), content=content, note=note)
    else:
        preset = Preset.objects.editable_by(user).get(pk=chosen.preset_id)
        base = post.get("base_number", "")
        number = int(base) if base.isascii() and base.isdigit() and len(base) < 10 else chosen.number
        save_version(preset=preset, base_number=number, content=content, author=user, note=note)
    version = preset.latest
    assert version is not None  # noqa: S101 - for mypy: a preset that was saved has one
    version.preset = preset
    return version


def _form(request: HttpRequest, errors: Sequence[Problem] = (), *, theirs: PresetVersion | None = None) -> HttpResponse:
    user, post, sent = person(request), request.POST, read_composer(request)
    chosen = sent.preset
    base = chosen.content if chosen else Content()
    is_editable = chosen is not None and Preset.objects.editable_by(user).filter(pk=chosen.preset_id).exists()
    is_again = "how" in post
    context = {
        "chosen": chosen,
        "is_editable": is_editable,
        "how": post.get("how", "update" if is_editable else "new"),
        "name": post.get("name", "")
        if is_again
        else _("%(name)s (copy)") % {"name": chosen.preset.name}
        if chosen
        else "",
        "note": post.get("note", ""),
        "sketch": sketch(
            parameters=sent.parameters, base=base, conversation=conversation_named(request), begun=sent.text
        ),
        "has_text": bool(sent.text.strip()),
        "ticked": {name for name in ("with_messages", "with_text", "with_variables") if name in post}
        if is_again
        else {"with_variables"},
        "errors": errors,
        "theirs": theirs,
        "base_number": theirs.number if theirs else chosen.number if chosen else "",
    }
    return render(request, "chat/_preset_saving.html", context, status=422 if errors else 200)
