"""What is wrong, or odd, about the values of a form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about one field, translated. `line` and `column` count from 1 where the field holds JSON text."""

    field: str
    message: str
    line: int | None = None
    column: int | None = None


class BadValue(ValueError):
    """The raw value cannot be read as the field's type."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line, self.column = line, column
