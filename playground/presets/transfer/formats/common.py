"""What the formats share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.transfer.fields import Notes
from playground.presets.transfer.imported import MAX_PRESETS, Imported, VersionDraft, refuse
from playground.presets.transfer.naming import clean_description, clean_name, clean_tags


def rows_of(data: Any, *wrappers: str) -> list[tuple[str, Any]]:
    """The objects of a file, each with its place: one object, a list of them, or such a list under one of `wrappers`."""
    prefix = ""
    if isinstance(data, dict):
        wrapper = next((name for name in wrappers if isinstance(data.get(name), list)), None)
        if wrapper is None:
            return [("", data)]
        prefix, data = wrapper, data[wrapper]
    if not isinstance(data, list):
        refuse(prefix, _("This must be an object or a list of objects."))
    if not data:
        refuse(prefix, _("There is nothing in this list."))
    if len(data) > MAX_PRESETS:
        refuse(prefix, _("There are more than %(limit)d presets.") % {"limit": MAX_PRESETS})
    return [(f"{prefix}[{at}]", row) for at, row in enumerate(data)]


def first_object(data: Any, *wrappers: str) -> dict[str, Any]:
    """The object that shows which product the file is of; empty when there is none."""
    if isinstance(data, dict):
        inner = next((data[name] for name in wrappers if isinstance(data.get(name), list)), None)
        if inner is None:
            return data
        data = inner
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return data[0]
    return {}


def make_imported(
    *,
    name: str,
    versions: Iterable[VersionDraft],
    notes: Notes,
    description: str = "",
    tags: Iterable[Any] = (),
) -> Imported:
    kept = tuple(versions)
    return Imported(
        name=clean_name(name, kept[-1].content),
        description=clean_description(description),
        tags=clean_tags(tags),
        versions=kept,
        notes=tuple(notes),
    )
