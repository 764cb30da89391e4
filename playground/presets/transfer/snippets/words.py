"""What a command line is cut into."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_PARTS = 100_000  # quotes, escapes and plain pieces of a command


@dataclass(slots=True)
class Word:
    text: str = ""
    has_variable: bool = False  # something that a shell would fill in stands in it


@dataclass(slots=True)
class Command:
    words: list[Word] = field(default_factory=list)
    standard_input: Word | None = None  # of a here-document or here-string
