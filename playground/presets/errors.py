"""What presets raise, as one tree. The edge decides status and wording (security.md, section 2.1):

PresetError
├── InvalidPreset      something in it is wrong: 422, each problem with its field
│   └── Conflict       somebody saved a version since: 422 with both, nothing written
├── BadVariables       values that cannot be filled in: 422, each with its name
│   └── Missing        required ones have none
└── NotPossible        nothing is wrong with the input, but this cannot be done: 422 with a sentence

What does not exist or may not be seen is the model's own DoesNotExist: 404, the same bytes for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.catalog.problems import Problem

if TYPE_CHECKING:
    from playground.presets.models import PresetVersion

__all__ = ["BadVariables", "Conflict", "InvalidPreset", "Missing", "NotPossible", "PresetError", "Problem"]


class PresetError(Exception):
    """Base of the tree. `str(error)` is for the person, in their language."""


class InvalidPreset(PresetError):
    """`field` of a problem says where it is: "name", "model", "parameters.top_p", "messages.0.text", "variables.2.name"."""

    def __init__(self, errors: Sequence[Problem]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = tuple(errors)

    @classmethod
    def of(cls, field: str, message: str) -> InvalidPreset:
        return cls([Problem(field, message)])


class Conflict(InvalidPreset):
    """`theirs` is the newest version, which the editor had not seen. Saving again on top of it replaces it knowingly."""

    def __init__(self, message: str, *, theirs: PresetVersion) -> None:
        super().__init__([Problem("version", message)])
        self.theirs = theirs


class BadVariables(PresetError):
    """`field` of a problem is `variable-<name>`, as in forms."""

    def __init__(self, errors: Sequence[Problem]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = tuple(errors)


class Missing(BadVariables):
    """`names` are those without a value; `errors` holds what else is wrong, too."""

    def __init__(self, names: Sequence[str], errors: Sequence[Problem]) -> None:
        super().__init__(errors)
        self.names = tuple(names)


class NotPossible(PresetError):
    pass
