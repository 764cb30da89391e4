"""Open WebUI's exports of prompts (`prompts-export-….json`) and of models (`models-export-….json`): lists of objects.

Shapes: open-webui/open-webui, `backend/open_webui/models/prompts.py` and `models.py`; the typed variables of a prompt are
described in open-webui/docs, `docs/features/ai-knowledge/prompts.md`.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Content, Starter
from playground.presets.transfer.fields import Fields, Notes
from playground.presets.transfer.formats.common import first_object, make_imported, rows_of
from playground.presets.transfer.formats.openwebui_variables import define, is_system_variable
from playground.presets.transfer.imported import Imported, VersionDraft
from playground.presets.transfer.naming import clean_note
from playground.presets.transfer.placeholders import settle
from playground.presets.transfer.request import read_parameters

WRAPPERS = ("prompts", "models", "data")
# Whose it is there, who may see it, and how it looks: other people's names and addresses among them.
OWN_FIELDS = (
    *("id", "user_id", "user", "timestamp", "created_at", "updated_at", "access_control", "access_grants"),
    *("is_active", "version_id", "write_access", "object", "created", "owned_by", "urlIdx", "preset", "actions"),
)
LOOKS = ("profile_image_url", "background_image_url", "capabilities", "hidden", "position", "suggestion_prompts")


def recognises(data: Any) -> bool:
    row = first_object(data, *WRAPPERS)
    return _is_prompt(row) or _is_model(row)


def read(data: Any) -> list[Imported]:
    found = []
    for place, row in rows_of(data, *WRAPPERS):
        fields = Fields(row, place, Notes())
        found.append(_read_prompt(fields) if _is_prompt(dict(row)) else _read_model(fields))
    return found


def _is_prompt(row: dict[str, Any]) -> bool:
    return "command" in row and "content" in row


def _is_model(row: dict[str, Any]) -> bool:
    return "id" in row and ("params" in row or isinstance(row.get("info"), dict))


def _read_prompt(fields: Fields) -> Imported:
    """A prompt is a text that the message box begins with: a last starter message of the user."""
    command = fields.text("command")
    name = fields.first_text("title", "name") or command.lstrip("/")
    content = Content(messages=(Starter("user", fields.text("content")),))
    tags = fields.list("tags")
    note = fields.text("commit_message")
    fields.ignore(*OWN_FIELDS, "meta", "data")
    fields.note_rest()
    shown = command if command.startswith("/") else f"/{command}"
    return make_imported(
        name=name,
        description=_("%(command)s in Open WebUI") % {"command": shown[:80]} if command else "",
        tags=tags,
        versions=[VersionDraft(_settled(content, fields), clean_note(note))],
        notes=fields.notes,
    )


def _read_model(fields: Fields) -> Imported:
    name, base, own_id = fields.text("name"), fields.text("base_model_id"), fields.text("id")
    info = fields.fields("info")
    if info:  # as the list of all models has it
        name, base = info.text("name") or name, info.text("base_model_id") or base
        info.ignore(*OWN_FIELDS)
        params, meta = info.fields("params"), info.fields("meta")
        info.note_rest()
    else:
        params, meta = fields.fields("params"), fields.fields("meta")
    parameters = _read_params(params) if params else {}
    description, tags = _read_meta(meta) if meta else ("", [])
    fields.ignore(*OWN_FIELDS, "openai", "ollama", "tags", "params", "meta", "connection_type", "pipe", "arena")
    fields.note_rest()
    content = Content(model=(base or own_id)[:250], parameters=parameters)
    return make_imported(
        name=name or own_id,
        description=description,
        tags=tags,
        versions=[VersionDraft(_settled(content, fields))],
        notes=fields.notes,
    )


def _read_params(params: Fields) -> dict[str, Any]:
    values: dict[str, Any] = {"system_prompt": system} if (system := params.text("system")) else {}
    stop = params.take("stop")
    if isinstance(stop, str) and "," in stop:  # its form keeps them in one text
        params = params.with_values(stop=[text for text in stop.split(",") if text])
    values |= read_parameters(params)
    if (stream := params.boolean("stream_response")) is not None:
        values["stream"] = stream
    params.note_rest()
    return values


def _read_meta(meta: Fields) -> tuple[str, list[Any]]:
    description, tags = meta.text("description"), meta.list("tags")
    suggestions = meta.take("suggestion_prompts")
    if isinstance(suggestions, list) and suggestions:
        meta.note("suggestion_prompts", _("suggestions were left out: a preset has none"))
    meta.ignore(*LOOKS)
    meta.note_rest()
    return description, tags


def _settled(content: Content, fields: Fields) -> Content:
    settled = settle(content, fields.notes, fields.where, define=define)
    for variable in settled.variables:
        if is_system_variable(variable.name):
            fields.notes.add(
                fields.where,
                _("“%(name)s” is filled by Open WebUI itself; here it is a variable to enter")
                % {"name": variable.name},
            )
    return settled
