"""What was read, as the page shows it before anything is imported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from playground.catalog.schemas import shipped_title
from playground.presets.content import Variable
from playground.presets.models import ImportDraft
from playground.presets.transfer.imported import Imported, Note, VersionDraft
from playground.presets.transfer.reading import TITLES
from playground.presets.transfer.storing import presets_of

MAX_SHOWN = 1_000  # characters of a text: the page may show two hundred presets
MAX_SHOWN_VALUE = 200


@dataclass(frozen=True, slots=True)
class ShownMessage:
    role: str
    text: str
    image_count: int
    is_begin: bool  # a last one of the user: what the message box begins with


@dataclass(frozen=True, slots=True)
class ShownPreset:
    """The newest version of a preset that was found, and what there is beside it."""

    name: str
    description: str
    tags: tuple[str, ...]
    versions: tuple[VersionDraft, ...]
    model: str
    parameters: tuple[tuple[str, str], ...]  # titles and values
    system_prompt: str
    messages: tuple[ShownMessage, ...]
    variables: tuple[Variable, ...]
    notes: tuple[Note, ...]

    @property
    def labels(self) -> list[str]:
        return [version.label for version in self.versions if version.label]


@dataclass(frozen=True, slots=True)
class ImportPage:
    uuid: UUID
    format: str | Promise
    presets: tuple[ShownPreset, ...]
    is_done: bool  # a second yes would make nothing

    @property
    def note_count(self) -> int:
        return sum(len(preset.notes) for preset in self.presets)


def show_import(draft: ImportDraft) -> ImportPage:
    """No queries."""
    presets = tuple(_show(preset) for preset in presets_of(draft))
    return ImportPage(draft.uuid, TITLES.get(draft.format, draft.format), presets, bool(draft.slugs))


def _show(preset: Imported) -> ShownPreset:
    content = preset.latest.content
    last = len(content.messages) - 1
    return ShownPreset(
        name=preset.name,
        description=preset.description,
        tags=preset.tags,
        versions=preset.versions,
        model=content.model,
        parameters=tuple(
            (_(shipped_title(name)), _shown(value))
            for name, value in content.parameters.items()
            if name != "system_prompt"
        ),
        system_prompt=_cut(str(content.parameters.get("system_prompt", "")), MAX_SHOWN),
        messages=tuple(
            ShownMessage(one.role, _cut(one.text, MAX_SHOWN), len(one.images), at == last and one.role == "user")
            for at, one in enumerate(content.messages)
        ),
        variables=content.variables,
        notes=preset.notes,
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _cut(text, MAX_SHOWN_VALUE)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
