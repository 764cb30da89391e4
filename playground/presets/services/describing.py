"""What a preset is called: name, description, tags, and the slug that is made of its first name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from playground.catalog.problems import Problem
from playground.lib.json_input import is_storable
from playground.presets.errors import InvalidPreset
from playground.presets.models import Preset, TakenSlug

MAX_NAME = 120  # characters, as the column has it
MAX_DESCRIPTION = 2000
MAX_NOTE = 300
MAX_TAGS = 20
MAX_TAG = 40
MAX_SLUG = 70  # and a number behind it
TAG_MARK = "\x1f"  # around each tag in the search text; no text of a person holds it
# What stands in addresses where a slug would.
RESERVED = frozenset({"new", "import", "export", "images", "trash", "picker", "variables", "editor"})


@dataclass(frozen=True, slots=True)
class Description:
    """Cleaned."""

    name: str
    description: str
    tags: list[str]

    @property
    def search_text(self) -> str:
        tags = "".join(f"{TAG_MARK}{tag}{TAG_MARK}" for tag in self.tags)
        return f"{self.name}\n{self.description}\n".casefold() + tags


def describe(*, preset: Preset, name: str, description: str, tags: Iterable[str]) -> Preset:
    """Rename, describe and tag; the slug and the versions stay. Raises InvalidPreset."""
    clean = clean_description(name, description, tags)
    preset.name, preset.description, preset.tags = clean.name, clean.description, clean.tags
    preset.search_text = clean.search_text
    preset.save(update_fields=["name", "description", "tags", "search_text"])
    return preset


def clean_description(name: str, description: str = "", tags: Iterable[str] = ()) -> Description:
    """Raises InvalidPreset with everything that is wrong."""
    problems = []
    line, words = one_line(name), sorted({_tag(tag) for tag in tags} - {""})
    if not line:
        problems.append(Problem("name", _("Give it a name.")))
    if len(line) > MAX_NAME:
        problems.append(Problem("name", _("A name has at most 120 characters.")))
    if len(description) > MAX_DESCRIPTION:
        problems.append(Problem("description", _("A description has at most 2,000 characters.")))
    if len(words) > MAX_TAGS or any(len(word) > MAX_TAG for word in words):
        problems.append(Problem("tags", _("A preset has at most 20 tags of 40 characters.")))
    if problems:
        raise InvalidPreset(problems)
    return Description(line, _plain(description), words)


def clean_note(note: str) -> str:
    """One line, cut to what the column holds."""
    return one_line(note)[:MAX_NOTE]


def one_line(text: str) -> str:
    """Without control characters, halves of surrogate pairs and runs of white space."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def read_tags(text: str) -> list[str]:
    """Tags as people type them, with commas or blanks between."""
    return text.replace(",", " ").split()


def claim_slug(name: str) -> str:
    """A slug made of `name` that no preset has or had. Call it inside a transaction."""
    stem = slugify(name)[:MAX_SLUG].strip("-_") or "preset"
    taken = set(TakenSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED
    number, slug = 1, stem
    while slug in taken or slug.isdigit() or not _claim(slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _claim(slug: str) -> bool:
    """Whether it was free: somebody may take the same one at the same moment."""
    with transaction.atomic():
        _row, is_new = TakenSlug.objects.get_or_create(slug=slug)
    return is_new


def _tag(text: str) -> str:
    return one_line(text).casefold().lstrip("#").replace(" ", "-")


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_storable(lines):
        raise InvalidPreset.of("description", _("A text holds a NUL character or half of a surrogate pair."))
    return "".join(char for char in lines if char.isprintable() or char in "\n\t").strip()
