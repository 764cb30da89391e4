"""What an importer finds, as values: presets, their versions, and what was not understood. Knows no database.

Images that came inside the file stay data URLs here (`Picture.url`); storing.py takes them through the intake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from playground.presets.content import Content

MAX_BYTES = 5 * 1024 * 1024  # of a file or a paste
MAX_PRESETS = 200
MAX_VERSIONS = 500  # of one preset
MAX_MESSAGES = 50
MAX_VARIABLES = 50
MAX_TEXT_BYTES = 256 * 1024  # of one text
MAX_IMAGES = 40  # of a whole file: each one is decoded in a process of its own
MAX_NOTES = 200  # of one preset; a file made to be odd would fill the page

MAX_NAME = 120
MAX_DESCRIPTION = 2000
MAX_NOTE = 300
MAX_LABEL = 40
MAX_TAGS = 20
MAX_TAG = 40


class BadImport(ValueError):
    """Nothing is imported. `where` is a path such as `prompts[3].config.temperature`; line and column count from 1."""

    def __init__(self, where: str, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where, self.message, self.line, self.column = where, message, line, column


def refuse(where: str, message: str) -> NoReturn:
    raise BadImport(where, message)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was left out or taken otherwise than it stood, and its place in the file."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class VersionDraft:
    content: Content
    note: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """One preset that was found. `versions` go from the oldest to the newest; there is at least one."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    versions: tuple[VersionDraft, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def latest(self) -> VersionDraft:
        return self.versions[-1]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Imported:
        """The inverse of `as_json`, for what we stored ourselves."""
        return cls(
            name=data["name"],
            description=data["description"],
            tags=tuple(data["tags"]),
            versions=tuple(
                VersionDraft(Content.of_json(one["content"]), one["note"], one["label"]) for one in data["versions"]
            ),
            notes=tuple(Note(one["where"], one["text"]) for one in data["notes"]),
        )
