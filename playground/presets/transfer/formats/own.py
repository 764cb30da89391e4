"""Our own file, described in docs/presets-file.md: read strictly, since nothing in it may be lost unseen."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import ROLES, VARIABLE_TYPES, Content, Picture, Starter, Variable
from playground.presets.transfer.fields import Fields, Notes, as_text, texts
from playground.presets.transfer.formats.common import make_imported
from playground.presets.transfer.imported import (
    MAX_MESSAGES,
    MAX_PRESETS,
    MAX_VARIABLES,
    MAX_VERSIONS,
    Imported,
    VersionDraft,
    refuse,
)
from playground.presets.transfer.messages import DETAILS, read_address
from playground.presets.transfer.naming import clean_label, clean_note
from playground.presets.transfer.placeholders import is_name
from playground.presets.transfer.request import read_model

MARK = "playground_preset"
VERSION = 1
MAX_PARAMETERS = 100
MAX_OPTIONS = 100

Images = dict[str, str]  # data URLs by name


def recognises(data: Any) -> bool:
    return isinstance(data, dict) and MARK in data


def read(data: Any) -> list[Imported]:
    fields = Fields(data, "", Notes())
    if fields.take(MARK) != VERSION or isinstance(data.get(MARK), bool):
        refuse(MARK, _("This version of the format is not known here: only %(version)d is.") % {"version": VERSION})
    rows, images = fields.list("presets"), _read_stored(fields)
    fields.ignore("exported_at", "$schema")
    if not rows:
        refuse("presets", _("There is nothing in this list."))
    if len(rows) > MAX_PRESETS:
        refuse("presets", _("There are more than %(limit)d presets.") % {"limit": MAX_PRESETS})
    return [_read_preset(Fields(row, f"presets[{at}]", Notes()), images) for at, row in enumerate(rows)]


def _read_stored(fields: Fields) -> Images:
    """The images that came along, by the name that messages refer to them with."""
    value = fields.take("images") or {}
    if not isinstance(value, dict):
        refuse("images", _("This must be an object."))
    return {name: read_address(url, f"images.{name}"[:100], fields.notes) for name, url in value.items()}


def _read_preset(fields: Fields, images: Images) -> Imported:
    rows = fields.list("versions")
    where = fields.place("versions")
    if not rows:
        refuse(where, _("A preset needs at least one version."))
    if len(rows) > MAX_VERSIONS:
        refuse(where, _("There are more than %(limit)d versions.") % {"limit": MAX_VERSIONS})
    labels: dict[str, str] = {}
    versions = [
        _read_version(Fields(row, f"{where}[{at}]", fields.notes), labels, images) for at, row in enumerate(rows)
    ]
    name = fields.text("name")
    if not name.strip():
        refuse(fields.place("name"), _("A preset needs a name."))
    description, tags = fields.text("description"), fields.list("tags")
    fields.ignore("slug")
    fields.note_rest()
    return make_imported(
        name=name,
        description=description,
        tags=texts(tags, fields.place("tags")),
        versions=versions,
        notes=fields.notes,
    )


def _read_version(fields: Fields, labels: dict[str, str], images: Images) -> VersionDraft:
    label = fields.text("label")
    if label != clean_label(label):
        refuse(fields.place("label"), _("A label has only small letters, digits, hyphens and underscores."))
    if label in labels:
        refuse(fields.place("label"), _("Two versions have the same label: see %(place)s.") % {"place": labels[label]})
    if label:
        labels[label] = fields.where
    note = fields.text("note")
    content = Content(
        model=read_model(fields),
        parameters=_read_parameters(fields),
        messages=_read_messages(fields, images),
        variables=_read_variables(fields),
    )
    fields.ignore("number", "created_at", "author")
    fields.note_rest()
    return VersionDraft(content, clean_note(note), label)


def _read_parameters(fields: Fields) -> dict[str, Any]:
    """Kept as they stand, known to a model or not: their own names, values of JSON."""
    values = fields.take("parameters")
    if values is None:
        return {}
    where = fields.place("parameters")
    if not isinstance(values, dict):
        refuse(where, _("This must be an object."))
    if len(values) > MAX_PARAMETERS:
        refuse(where, _("There are more than %(limit)d parameters.") % {"limit": MAX_PARAMETERS})
    for name, value in values.items():
        if isinstance(value, str):
            as_text(value, f"{where}.{name}")
    return values


def _read_messages(fields: Fields, images: Images) -> tuple[Starter, ...]:
    rows = fields.list("messages")
    where = fields.place("messages")
    if len(rows) > MAX_MESSAGES:
        refuse(where, _("There are more than %(limit)d messages.") % {"limit": MAX_MESSAGES})
    return tuple(_read_message(Fields(row, f"{where}[{at}]", fields.notes), images) for at, row in enumerate(rows))


def _read_message(fields: Fields, stored: Images) -> Starter:
    role = fields.text("role")
    if role not in ROLES:
        refuse(fields.place("role"), _("The role must be “user” or “assistant”."))
    where = fields.place("images")
    rows = fields.list("images")
    images = [_read_image(Fields(row, f"{where}[{at}]", fields.notes), stored) for at, row in enumerate(rows)]
    text = fields.text("text")
    fields.note_rest()
    return Starter(role, text, tuple(image for image in images if image))


def _read_image(fields: Fields, stored: Images) -> Picture | None:
    name, alt, detail = fields.text("name"), fields.text("alt"), fields.text("detail") or "auto"
    if detail not in DETAILS:
        refuse(fields.place("detail"), _("The detail must be auto, low or high."))
    image, url, left_out = fields.text("image"), fields.take("url"), fields.text("left_out")
    fields.note_rest()
    if left_out:
        fields.notes.add(fields.where, _("the image is not in the file: %(reason)s") % {"reason": left_out[:200]})
        return None
    if image:
        if image not in stored:
            refuse(fields.place("image"), _("There is no image of this name under “images”."))
        address = stored[image]
    else:
        address = read_address(url, fields.place("url"), fields.notes)
    return Picture(url=address, name=name[:120], alt=alt[:500], detail=detail) if address else None


def _read_variables(fields: Fields) -> tuple[Variable, ...]:
    rows = fields.list("variables")
    where = fields.place("variables")
    if len(rows) > MAX_VARIABLES:
        refuse(where, _("There are more than %(limit)d variables.") % {"limit": MAX_VARIABLES})
    found: dict[str, Variable] = {}
    for at, row in enumerate(rows):
        one = Fields(row, f"{where}[{at}]", fields.notes)
        variable = _read_variable(one)
        if variable.name in found:
            refuse(one.place("name"), _("Two variables have the same name."))
        found[variable.name] = variable
    return tuple(found.values())


def _read_variable(fields: Fields) -> Variable:
    name, kind = fields.text("name"), fields.text("type") or "text"
    if not is_name(name):
        refuse(fields.place("name"), _("A name has letters, digits and underscores, at most 40, and no digit first."))
    if kind not in VARIABLE_TYPES:
        refuse(fields.place("type"), _("The type must be one of %(types)s.") % {"types": ", ".join(VARIABLE_TYPES)})
    options = tuple(texts(fields.list("options"), fields.place("options")))
    if len(options) > MAX_OPTIONS:
        refuse(fields.place("options"), _("There are more than %(limit)d options.") % {"limit": MAX_OPTIONS})
    default = fields.text("default")
    if kind == "choice" and (not options or (default and default not in options)):
        refuse(fields.place("options"), _("A choice needs options, and its default must be one of them."))
    is_required = fields.boolean("required")
    variable = Variable(name, kind, default, fields.text("help"), options, is_required is not False)
    fields.note_rest()
    return variable
