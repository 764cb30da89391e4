"""What a preset holds, as values: nothing here knows the database. Stored as the JSON that `Content.as_json` gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

VARIABLE_TYPES = ("text", "long", "number", "choice", "boolean")
ROLES = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a starter message: stored (`sha256` of a Blob) or named by its address, which we never fetch."""

    sha256: str = ""
    url: str = ""
    name: str = ""
    alt: str = ""
    detail: str = "auto"


@dataclass(frozen=True, slots=True)
class Starter:
    """A message that stands before what the person writes. A last one of the user is what the composer begins with."""

    role: str  # one of ROLES
    text: str
    images: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """`{{name}}` in the system prompt, the starter messages and the message that is sent with the preset."""

    name: str
    type: str = "text"  # one of VARIABLE_TYPES
    default: str = ""
    help: str = ""
    options: tuple[str, ...] = ()  # of a choice
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a version says. `parameters` are form values by name, system prompt included; what is not there is left out."""

    model: str = ""  # a public name, "provider/model"; it may be gone by now
    parameters: dict[str, Any] = field(default_factory=dict)
    messages: tuple[Starter, ...] = ()
    variables: tuple[Variable, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Content:
        """The inverse of `as_json`, for what we stored ourselves."""
        return cls(
            model=data.get("model", ""),
            parameters=dict(data.get("parameters", {})),
            messages=tuple(
                Starter(one["role"], one["text"], tuple(Picture(**image) for image in one.get("images", ())))
                for one in data.get("messages", ())
            ),
            variables=tuple(
                Variable(**{**one, "options": tuple(one.get("options", ()))}) for one in data.get("variables", ())
            ),
        )
