"""The members of one object of a file that anybody may have made: asked for by name and type, the rest noted.

A known field of a wrong type refuses the file with its place; a field that nobody asked for becomes a note.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.transfer.imported import MAX_NOTES, MAX_TEXT_BYTES, Note, refuse

MAX_WHERE = 200  # characters of a place that are shown
MAX_INTEGER = 2**63 - 1  # what a database's JSON and every reader of it can hold


class Notes:
    """Collects what was not understood, up to a bound."""

    def __init__(self) -> None:
        self._notes: list[Note] = []

    def add(self, where: str, text: str) -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(where[:MAX_WHERE], text))

    @property
    def is_full(self) -> bool:
        return len(self._notes) >= MAX_NOTES

    def __iter__(self) -> Iterator[Note]:
        return iter(self._notes)


class Fields:
    """Reads the object `data` that stands at `where`. An absent field and null are the same: None or empty."""

    def __init__(self, data: Any, where: str, notes: Notes) -> None:
        self._data = as_object(data, where)
        self.where = where
        self.notes = notes
        self._asked: set[str] = set()

    def place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        return self._data.get(name) is not None

    def take(self, name: str) -> Any:
        """The value whatever its type; None when it is not there."""
        self._asked.add(name)
        return self._data.get(name)

    def ignore(self, *names: str) -> None:
        """Known, and nothing to tell: the other product's own bookkeeping."""
        self._asked.update(names)

    def text(self, name: str) -> str:
        value = self.take(name)
        return "" if value is None else as_text(value, self.place(name))

    def first_text(self, *names: str) -> str:
        """The first of the names that holds a text that is not empty; all are taken."""
        return next((found for found in [self.text(name) for name in names] if found), "")

    def number(self, name: str) -> float | int | None:
        value = self.take(name)
        return None if value is None else as_number(value, self.place(name))

    def boolean(self, name: str) -> bool | None:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            refuse(self.place(name), _("This must be true or false."))
        return value

    def list(self, name: str) -> list[Any]:
        value = self.take(name)
        return [] if value is None else as_list(value, self.place(name))

    def fields(self, name: str) -> Fields | None:
        """The object at `name`; None when it is not there."""
        value = self.take(name)
        return None if value is None else Fields(value, self.place(name), self.notes)

    def with_values(self, **values: Any) -> Fields:
        """The same object with some members replaced, and the same ones asked for."""
        other = Fields({**self._data, **values}, self.where, self.notes)
        other._asked = self._asked
        return other

    def note(self, name: str, text: str) -> None:
        self.notes.add(self.place(name), text)

    def note_rest(self) -> None:
        """A note for each field that nobody asked for and that says something."""
        for name, value in self._data.items():
            if self.notes.is_full:
                return
            if name not in self._asked and value not in (None, "", [], {}):
                self.note(name, _("has no place in a preset"))


def as_object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        refuse(where, _("This must be an object."))
    return value


def as_list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        refuse(where, _("This must be a list."))
    return list(value)


def as_text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        refuse(where, _("This must be a text."))
    if len(value.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        refuse(where, _("This text is longer than %(limit)d KB.") % {"limit": MAX_TEXT_BYTES // 1024})
    return value.replace("\r\n", "\n").replace("\r", "\n")


def as_number(value: Any, where: str) -> float | int:
    """A number; other products' forms also store them as texts, such as "0.7"."""
    if isinstance(value, str):
        value = _number_of(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not math.isfinite(value)):
        refuse(where, _("This must be a number."))
    if abs(value) > MAX_INTEGER:
        refuse(where, _("This number is too large."))
    return value  # type: ignore[no-any-return]


def texts(values: Sequence[Any], where: str) -> list[str]:
    return [as_text(value, f"{where}[{at}]") for at, value in enumerate(values)]


def _number_of(text: str) -> float | int | None:
    try:
        return int(text) if text.strip().lstrip("+-").isdigit() and len(text) < 40 else float(text)
    except ValueError:
        return None
