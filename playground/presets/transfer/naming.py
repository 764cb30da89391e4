"""Names, descriptions, tags and labels within our bounds, from files that know no bounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from playground.presets.content import Content
from playground.presets.transfer.imported import MAX_DESCRIPTION, MAX_LABEL, MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS

NEWEST = "latest"  # says which version is the newest, and is no name of one
NAME_FROM_TEXT = 60  # characters of a text that becomes a name


def one_line(text: str, limit: int) -> str:
    """`text` without line breaks and signs that do not print, cut at `limit`."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def clean_name(text: str, content: Content) -> str:
    """The name, or where there is none the beginning of what the preset says."""
    return one_line(text, MAX_NAME) or one_line(_first_text(content), NAME_FROM_TEXT) or _("Imported preset")


def clean_description(text: str) -> str:
    return text.strip()[:MAX_DESCRIPTION]


def clean_note(text: str) -> str:
    return one_line(text, MAX_NOTE)


def clean_tags(values: Iterable[Any]) -> tuple[str, ...]:
    """Short lower-case words, sorted; other products have texts, or objects with a name."""
    words = {one_line(_tag_text(value), MAX_TAG).lower() for value in values}
    return tuple(sorted(word for word in words if word)[:MAX_TAGS])


def clean_label(text: str) -> str:
    """A name that a version may have; "" when nothing of it can be one."""
    label = slugify(text)[:MAX_LABEL].strip("-_")
    return label if any(char.isalpha() for char in label) and label != NEWEST else ""


def _tag_text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name", "")
    return value if isinstance(value, str) else ""


def _first_text(content: Content) -> str:
    texts = [message.text for message in content.messages if message.role == "user"]
    texts.append(str(content.parameters.get("system_prompt", "")))
    return next((text for text in texts if text.strip()), "")
