"""What OpenAI's own playground and API hand out: prompt objects, request bodies, assistants.

A prompt object has the fields of a responses request (model, instructions, input or messages, temperature, text.format,
tools, variables) beside its own (id `pmpt_…`, version, name); "Get code" gives the request. An API call that only names a
prompt by id holds no text: that is noted. Shapes: openai/openai-python, `types/responses/response_create_params.py`,
`types/responses/response_prompt.py`, `types/beta/assistant.py`.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Content
from playground.presets.transfer.fields import Fields, Notes
from playground.presets.transfer.formats.common import first_object, make_imported, rows_of
from playground.presets.transfer.imported import MAX_VERSIONS, Imported, VersionDraft, refuse
from playground.presets.transfer.naming import clean_label, clean_note
from playground.presets.transfer.request import read_request

WRAPPERS = ("data", "prompts", "presets")
MARKS = ("messages", "input", "instructions", "prompt", "versions", "model")
# Of the object itself, or of the answer that came with it.
OWN_FIELDS = (
    "id",
    "object",
    "created",
    "created_at",
    "updated_at",
    "version",
    "is_default",
    "project_id",
    "created_by",
)


def recognises(data: Any) -> bool:
    row = first_object(data, *WRAPPERS)
    return any(row.get(mark) is not None for mark in MARKS)


def read(data: Any) -> list[Imported]:
    return [_read_one(row, place) for place, row in rows_of(data, *WRAPPERS)]


def _read_one(row: Any, place: str) -> Imported:
    notes = Notes()
    fields = Fields(row, place, notes)
    name, description = fields.first_text("name", "title"), fields.text("description")
    tags = fields.take("tags")
    label = fields.take("label")
    versions = [
        _read_version(Fields(one, f"{fields.place('versions')}[{at}]", notes))
        for at, one in enumerate(fields.list("versions")[: MAX_VERSIONS + 1])
    ]
    if len(versions) > MAX_VERSIONS:
        refuse(fields.place("versions"), _("There are more than %(limit)d versions.") % {"limit": MAX_VERSIONS})
    if versions:
        fields.ignore(*OWN_FIELDS, "latest_version", "default_version")
        fields.note_rest()
    else:
        versions = [VersionDraft(_read_content(fields), label=clean_label(label) if isinstance(label, str) else "")]
    return make_imported(
        name=name,
        description=description,
        tags=tags if isinstance(tags, list) else (),
        versions=versions,
        notes=notes,
    )


def _read_version(fields: Fields) -> VersionDraft:
    note, label = fields.first_text("note", "commit_message", "description"), fields.text("label")
    fields.ignore("name", "title", "tags")
    return VersionDraft(_read_content(fields), clean_note(note), clean_label(label))


def _read_content(fields: Fields) -> Content:
    """A request's fields, at the top or inside `prompt`; a `prompt` that is only an id is told."""
    fields.ignore(*OWN_FIELDS)
    inner = fields.take("prompt")
    if isinstance(inner, str):
        fields = _as_user_message(fields, inner)
    elif isinstance(inner, dict) and _holds_text(inner):
        fields.note_rest()
        return _read_content(Fields(inner, fields.place("prompt"), fields.notes))
    elif inner is not None:
        reference = Fields(inner, fields.place("prompt"), fields.notes)
        fields = _with_variables(fields, reference)
    content = read_request(fields)
    if inner is None and content == Content():
        refuse(fields.where, _("This holds neither messages nor instructions nor parameters."))
    return content


def _holds_text(inner: dict[str, Any]) -> bool:
    return any(inner.get(name) is not None for name in ("messages", "input", "instructions"))


def _as_user_message(fields: Fields, text: str) -> Fields:
    """The prompt of the old completions API, or of a prompt that is one text."""
    fields.ignore("prompt")
    return fields.with_values(input=text)


def _with_variables(fields: Fields, reference: Fields) -> Fields:
    shown = reference.text("id")
    reference.ignore("version")
    variables = reference.take("variables")
    reference.note_rest()
    fields.note(
        "prompt",
        _("the prompt %(id)s is kept at OpenAI, and its text is not in the file. Open it there and copy its text.")
        % {"id": shown[:80]},
    )
    return fields.with_values(variables=variables) if isinstance(variables, dict) else fields
