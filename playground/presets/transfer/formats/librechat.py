"""LibreChat's "Export preset": one JSON object a file. Shape: danny-avila/LibreChat,
`packages/data-schemas/src/schema/preset.ts` and `defaults.ts`, cleaned by `client/src/utils/cleanupPreset.ts`.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Content, Starter
from playground.presets.transfer.fields import Fields, Notes
from playground.presets.transfer.formats.common import first_object, make_imported, rows_of
from playground.presets.transfer.imported import MAX_MESSAGES, Imported, VersionDraft
from playground.presets.transfer.messages import DETAILS
from playground.presets.transfer.placeholders import settle
from playground.presets.transfer.request import read_integer, read_model, read_parameters

WRAPPERS = ("presets",)
# Where it is kept and how it looks there.
OWN_FIELDS = (
    *("presetId", "_id", "__v", "user", "createdAt", "updatedAt", "defaultPreset", "order", "endpointType", "tenantId"),
    *("conversationId", "isArchived", "iconURL", "spec", "resendFiles", "resendImages", "useResponsesApi"),
)
FILLED_BY_LIBRECHAT = ("current_date", "current_datetime", "current_user", "iso_datetime")


def recognises(data: Any) -> bool:
    row = first_object(data, *WRAPPERS)
    return "presetId" in row or ("endpoint" in row and ("promptPrefix" in row or "title" in row))


def read(data: Any) -> list[Imported]:
    return [_read_one(Fields(row, place, Notes())) for place, row in rows_of(data, *WRAPPERS)]


def _read_one(fields: Fields) -> Imported:
    title = fields.text("title")
    label = fields.first_text("modelLabel", "chatGptLabel")
    tags = fields.list("tags")
    content = _read_content(fields)
    fields.ignore(*OWN_FIELDS)
    fields.note_rest()
    return make_imported(
        name=title if title not in ("", "New Chat", "New Preset") else label or title,
        tags=tags,
        versions=[VersionDraft(content)],
        notes=fields.notes,
    )


def _read_content(fields: Fields) -> Content:
    model = read_model(fields)
    endpoint = fields.text("endpoint")
    if endpoint and not model:
        fields.note("endpoint", _("names “%(endpoint)s”, but no model is given") % {"endpoint": endpoint[:60]})
    system = [text for text in (fields.text(name) for name in ("promptPrefix", "system", "instructions")) if text]
    parameters = {"system_prompt": "\n\n".join(system)} if system else {}
    parameters |= _read_parameters(fields)
    content = settle(Content(model, parameters, _read_examples(fields)), fields.notes, fields.where)
    for variable in content.variables:
        if variable.name in FILLED_BY_LIBRECHAT:
            fields.notes.add(
                fields.where,
                _("“%(name)s” is filled by LibreChat itself; here it is a variable to enter") % {"name": variable.name},
            )
    return content


def _read_parameters(fields: Fields) -> dict[str, Any]:
    values = read_parameters(fields)
    for name, ours in (("topP", "top_p"), ("topK", "top_k")):
        if (number := fields.number(name)) is not None:
            values.setdefault(ours, number)
    for name in ("maxOutputTokens", "maxTokens"):
        if (limit := read_integer(fields, name)) is not None:
            values.setdefault("max_completion_tokens", limit)
    detail = fields.text("imageDetail")
    if detail in DETAILS:
        values["image_detail"] = detail
    if fields.boolean("disableStreaming"):
        values["stream"] = False
    return values


def _read_examples(fields: Fields) -> tuple[Starter, ...]:
    """Pairs of input and output, which LibreChat has for Google's models."""
    starters: list[Starter] = []
    for at, row in enumerate(fields.list("examples")[: MAX_MESSAGES // 2]):
        one = Fields(row, f"{fields.place('examples')}[{at}]", fields.notes)
        for name, role in (("input", "user"), ("output", "assistant")):
            inner = one.fields(name)
            if inner and (text := inner.text("content")):
                starters.append(Starter(role, text))
        one.note_rest()
    return tuple(starters)
