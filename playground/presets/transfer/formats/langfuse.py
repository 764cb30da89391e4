"""Langfuse prompts as its API and its exports give them: one object a version, text or chat.

Shape: langfuse/langfuse-docs, "Prompt management, data model": name, type, prompt, config, version, labels, tags,
commitMessage. The list of the API (`{"data": [{"name": …, "versions": [1, 2]}]}`) holds no texts and is refused.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Content, Starter
from playground.presets.transfer.fields import Fields, Notes, as_text
from playground.presets.transfer.formats.common import first_object, make_imported, rows_of
from playground.presets.transfer.imported import MAX_VERSIONS, Imported, VersionDraft, refuse
from playground.presets.transfer.messages import read_messages
from playground.presets.transfer.naming import clean_label, clean_note
from playground.presets.transfer.placeholders import settle
from playground.presets.transfer.request import read_model, read_parameters, read_tools

WRAPPERS = ("data", "prompts")
OWN_FIELDS = (
    *("id", "createdAt", "updatedAt", "createdBy", "projectId", "isActive", "resolutionGraph", "lastUpdatedAt"),
    "lastConfig",
)
MAX_LABELS = 20  # of a version that are looked at
PREFERRED = "production"
NEWEST = "latest"  # Langfuse's own word for the newest version
_REFERENCE = re.compile(r"@@@langfusePrompt:[^@\n]{1,500}@@@")


def recognises(data: Any) -> bool:
    row = first_object(data, *WRAPPERS)
    is_listed = isinstance(row.get("versions"), list) and isinstance(row.get("labels"), list) and "name" in row
    return is_listed or ("prompt" in row and "name" in row and ("labels" in row or "config" in row or "type" in row))


def read(data: Any) -> list[Imported]:
    """One preset for each name, its versions in the order of their numbers."""
    by_name: dict[str, list[Fields]] = {}
    notes: dict[str, Notes] = {}
    for place, row in rows_of(data, *WRAPPERS):
        name = Fields(row, place, Notes()).text("name")
        fields = Fields(row, place, notes.setdefault(name, Notes()))
        by_name.setdefault(name, []).append(fields)
    return [_read_prompt(name, rows, notes[name]) for name, rows in by_name.items()]


def _read_prompt(name: str, rows: list[Fields], notes: Notes) -> Imported:
    if len(rows) > MAX_VERSIONS:
        refuse(rows[MAX_VERSIONS].where, _("There are more than %(limit)d versions.") % {"limit": MAX_VERSIONS})
    rows.sort(key=lambda fields: fields.number("version") or 0)
    tags = rows[-1].take("tags")
    taken: set[str] = set()
    # The newest first: it keeps a label that several versions claim.
    versions = [_read_version(fields, taken) for fields in reversed(rows)]
    return make_imported(
        name=name, tags=tags if isinstance(tags, list) else (), versions=reversed(versions), notes=notes
    )


def _read_version(fields: Fields, taken: set[str]) -> VersionDraft:
    kind = fields.text("type") or "text"
    prompt = fields.take("prompt")
    if prompt is None:
        refuse(fields.place("prompt"), _("The text of the prompt is missing: this is only a list of names."))
    content = _read_prompt_of(kind, prompt, fields)
    note = clean_note(fields.first_text("commitMessage", "commit_message"))
    label = _read_labels(fields, taken)
    fields.ignore("name", "version", "tags", *OWN_FIELDS)
    fields.note_rest()
    return VersionDraft(content, note, label)


def _read_prompt_of(kind: str, prompt: Any, fields: Fields) -> Content:
    where = fields.place("prompt")
    if kind == "chat" or isinstance(prompt, list):
        if not isinstance(prompt, list):
            refuse(where, _("This must be a list of messages."))
        system, starters = read_messages([_plain(row) for row in prompt], where, fields.notes)
    else:
        system, starters = "", (Starter("user", as_text(prompt, where)),)
    config = fields.fields("config")
    parameters = {"system_prompt": system} if system else {}
    model = ""
    if config:
        model = read_model(config)
        parameters |= read_parameters(config)
        read_tools(config)
        config.note_rest()
    content = settle(Content(model, parameters, starters), fields.notes, fields.where)
    for text in [system, *(message.text for message in content.messages)]:
        for reference in _REFERENCE.findall(text)[:5]:
            fields.note("prompt", _("“%(text)s” was left as it stands") % {"text": reference[:80]})
    return content


def _plain(row: Any) -> Any:
    """Langfuse marks its messages with a type of their own; a placeholder keeps it and is noted."""
    if isinstance(row, dict) and row.get("type") in ("chatmessage", "public-create-chat"):
        return {name: value for name, value in row.items() if name != "type"}
    return row


def _read_labels(fields: Fields, taken: set[str]) -> str:
    """One label a version: `production` before others."""
    wanted = [clean_label(as_text(label, fields.place("labels"))) for label in fields.list("labels")[:MAX_LABELS]]
    free = [label for label in wanted if label and label != NEWEST and label not in taken]
    chosen = PREFERRED if PREFERRED in free else next(iter(free), "")
    for label in free:
        if label != chosen:
            fields.note("labels", _("a version has one label here: “%(label)s” was left out") % {"label": label})
    if chosen:
        taken.add(chosen)
    return chosen
