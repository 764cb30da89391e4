"""What the templates of comparisons read: plain values, all queries done. Built in `compare/opening.py`.

comparison.html     board                the whole page
_columns.html       board                all columns
_column.html        column, board        one column: head, thread, figures
_column_head.html   column, board        number, model, what differs from the others, menu
_facts.html         column               the figures of its last answer
_settings.html      column, board, form  what the drawer holds: the column's form, and which fields are pinned
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from playground.catalog.models import Model
from playground.chat.page import ChatPage, ShownRun
from playground.compare.judging import Panel
from playground.compare.models import Column, Comparison

HUES = 8  # colours of columns; after that they come again


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that not all columns have."""

    field: str
    label: str
    value: str  # short
    full: str  # the whole text, or the same
    is_set: bool  # False: the provider's default


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a column's last answer."""

    key: str  # "first-token", "rate", "tokens", "cost", "length", "finish"
    label: str
    help: str
    value: str  # empty while it is not known
    is_best: bool


@dataclass(frozen=True, slots=True)
class ShownColumn:
    column: Column
    number: int  # on the screen, from 1
    page: ChatPage
    model: Model | None  # None: not in the catalogue any more
    differences: Sequence[Difference]
    facts: Sequence[Fact]
    run: ShownRun | None  # of its last answer
    is_hidden: bool = False  # blind: it is not told which one it is

    @property
    def uuid(self) -> UUID:
        return self.column.uuid

    @property
    def model_name(self) -> str:
        return "" if self.is_hidden else self.page.model_name

    @property
    def hue(self) -> int:
        """Which of the colours its number has, from 1."""
        return (self.number - 1) % HUES + 1

    @property
    def key(self) -> str:
        """The key that brings it before the others; empty from the ninth on."""
        return str(self.number) if self.number <= 9 else ""


@dataclass(frozen=True, slots=True)
class Board:
    comparison: Comparison
    columns: Sequence[ShownColumn]
    composer: ChatPage  # of the conversation that holds the draft; its model is the first that reads images
    is_full: bool  # no more columns
    panel: Panel  # where verdicts are given

    @property
    def title(self) -> str:
        return self.comparison.title

    @property
    def is_live(self) -> bool:
        return any(column.page.live_run for column in self.columns)
