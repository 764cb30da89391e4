"""Presets beside a chat: choosing one, finding one, keeping what is set with the draft."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from playground.accounts.models import User
from playground.catalog.form_schema import Dropped, build_form, carry_over
from playground.catalog.models import Model
from playground.catalog.selection import usable
from playground.chat.errors import InvalidInput
from playground.chat.models import Conversation
from playground.chat.preset_page import find_options, show_presets
from playground.chat.services.begun import attach_begun
from playground.chat.services.drafts import find_draft, save_settings
from playground.chat.services.filling import given_of
from playground.chat.services.settings import Settings, version_named
from playground.chat.views.common import Sent, chat_view, conversation_named, person, read_composer
from playground.lib.json_input import BadJson, is_storable, read_json
from playground.presets.models import PresetVersion
from playground.presets.variables import field_name

MOST_SETTINGS_BYTES = 2_000_000  # what is kept of a form that is not sent


@dataclass(frozen=True, slots=True)
class Filled:
    """The form after a preset was chosen."""

    model: Model
    parameters: dict[str, Any]
    dropped: Sequence[Dropped] = ()
    problem: str = ""  # why another model stands there than the preset's


@require_POST
@chat_view
def choose(request: HttpRequest) -> HttpResponse:
    """Fill the form with `preset`, "slug" or "slug@3"; without one, leave the form as it is and forget the preset.

    `as_it_was` undoes that: the preset is chosen and the form stays as it is sent. What a person had set themselves is
    offered back this way.
    """
    user, conversation, sent = person(request), conversation_named(request), read_composer(request)
    version = sent.require_preset()
    is_undo = "as_it_was" in request.POST and sent.model is not None
    filled = Filled(sent.model, sent.parameters) if is_undo and sent.model else fill_form(user, sent, version)
    variables = given_of(version.content, sent.variables) if version else {}
    keep_settings(user, conversation, Settings(filled.model.public_name, filled.parameters, version, variables))
    is_begun = version is not None and conversation is None and attach_begun(owner=user, version=version)
    models = list(Model.objects.visible_to(user).select_related("provider").defer("card", "description", "form_schema"))
    presets = show_presets(user, version, variables, is_new=conversation is None, model_name=filled.model.public_name)
    context = {
        "form": build_form(filled.model, filled.parameters, dropped=filled.dropped, models=models),
        "presets": presets,
        "page": {"model": filled.model, "conversation": conversation, "presets": presets},
        "is_new": conversation is None,
        "problem": filled.problem,
        "attachments": _draft_images(user) if is_begun else None,
        "undo": None
        if is_undo or version is None
        else _undo(user, sent, filled, request.POST.get("preset_before", "")),
    }
    return render(request, "chat/_preset_chosen.html", context)


@require_GET
@chat_view
def find(request: HttpRequest) -> HttpResponse:
    """`?q=` in the names of presets, for the quick list."""
    query = request.GET.get("q", "")[:200]
    options = find_options(person(request), query) if is_storable(query) else []
    return render(request, "chat/_preset_options.html", {"options": options, "query": query})


@require_POST
@chat_view
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the form with the draft, so that a reload finds it; without a preset, forget it."""
    sent = read_composer(request)
    variables = given_of(sent.preset.content, sent.variables) if sent.preset else {}
    settings = Settings(sent.model_name, sent.parameters, sent.preset, variables)
    keep_settings(person(request), conversation_named(request), settings)
    return HttpResponse(status=204)


def keep_settings(user: User, conversation: Conversation | None, settings: Settings) -> None:
    """With the draft, while there is a preset to come back to, or away from. Raises InvalidInput for what cannot be stored."""
    kept: dict[str, Any] = {}
    if settings.preset is not None or (conversation is not None and conversation.preset_id is not None):
        kept = {
            "model": settings.model_name,
            "parameters": settings.parameters,
            "preset": settings.preset.name if settings.preset else "",
            "variables": settings.variables,
        }
    text = json.dumps(kept).encode()
    if len(text) > MOST_SETTINGS_BYTES:
        raise InvalidInput.of("preset", _("These settings are too long to be kept."))
    try:
        read_json(text)
    except BadJson as error:
        raise InvalidInput.of("preset", str(error)) from None
    save_settings(owner=user, conversation=conversation, settings=kept)


def fill_form(user: User, sent: Sent, version: PresetVersion | None) -> Filled:
    """What the preset says, on its own model, or on the one that is chosen where its own cannot be used."""
    if version is None:
        if sent.model is None:
            raise Http404
        return Filled(sent.model, sent.parameters)
    content = version.content
    wanted = Model.objects.visible_to(user).select_related("provider").named(content.model).first()
    model = wanted if wanted is not None and (usable(wanted) or sent.model is None) else sent.model
    if model is None:
        raise Http404
    parameters, dropped = carry_over(content.parameters, model)
    problem = ""
    if content.model and model is not wanted:
        words = _("Its model %(model)s cannot be used here. The settings are tried on %(other)s.")
        problem = words % {"model": content.model, "other": model.public_name}
    return Filled(model, parameters, dropped, problem)


def _undo(user: User, sent: Sent, filled: Filled, before: str) -> list[tuple[str, str]] | None:
    """The fields of the form as it was, when something goes away with it that no preset has. One query."""
    if sent.model is None:
        return None
    typed, _dropped = carry_over(sent.parameters, sent.model)
    known = version_named(user, before) if before else None
    theirs = known.content.parameters if known else {}
    if typed == filled.parameters or all(theirs.get(name) == value for name, value in typed.items()):
        return None
    fields = [("model", sent.model_name), ("preset", before)]
    for name, value in sent.parameters.items():
        fields += [(name, text) for text in (value if isinstance(value, list) else [value])]
    return [*fields, *((field_name(name), text) for name, text in sent.variables.items())]


def _draft_images(user: User) -> Sequence[Any]:
    draft = find_draft(owner=user, conversation=None)
    return list(draft.attachments.all()) if draft else []
