"""What a sweep is asked to do, as plain values, and the places of its grid. Nothing here knows the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

MODEL, PRESET, SYSTEM_PROMPT = "model", "preset", "system_prompt"  # what an axis may be, beside numbers and choices

MAX_AXES = 2
MAX_VALUES = 100  # of one axis
MAX_INPUTS = 500  # rows of the table
MAX_COLUMNS = 50  # variables of the table
MAX_REPEATS = 50
MAX_CHECKS = 10


@dataclass(frozen=True, slots=True)
class Axis:
    """A field and the values that it takes, typed as the form schema has them."""

    field: str
    values: tuple[Any, ...]

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Check:
    """What an answer must be. `value` is a text, a regular expression or a JSON Schema; `{{name}}` of an input is filled in."""

    kind: str  # one of checks.KINDS
    value: str

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Setting:
    """What the cells of one square send."""

    text: str
    model: str  # public name
    preset: str  # "slug@number", or ""
    parameters: Mapping[str, Any]
    variables: Mapping[str, str]
    overridden: frozenset[str]  # parameters that an axis set: they are the person's, whatever the preset says


class Place(NamedTuple):
    input: int
    y: int
    x: int


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    text: str
    model: str
    preset: str
    parameters: Mapping[str, Any]
    variables: Mapping[str, str]
    axes: tuple[Axis, ...]
    inputs: tuple[Mapping[str, str], ...] = ()
    checks: tuple[Check, ...] = ()
    repeats: int = 1
    concurrency: int = 4
    cap: Decimal | None = None
    names: frozenset[str] = field(default=frozenset())  # variables that the table has

    @property
    def width(self) -> int:
        return len(self.axes[0].values) if self.axes else 1

    @property
    def height(self) -> int:
        return len(self.axes[1].values) if len(self.axes) > 1 else 1

    @property
    def squares(self) -> int:
        return self.width * self.height * max(len(self.inputs), 1)

    @property
    def runs(self) -> int:
        return self.squares * self.repeats

    def places(self) -> Iterator[Place]:
        """In the order in which they run: row by row, as somebody reads the grid."""
        for row in range(max(len(self.inputs), 1)):
            for y in range(self.height):
                for x in range(self.width):
                    yield Place(row, y, x)

    @classmethod
    def of_json(
        cls,
        base: Mapping[str, Any],
        axes: Sequence[Mapping[str, Any]],
        inputs: Sequence[Mapping[str, str]],
        checks: Sequence[Mapping[str, str]],
        **more: Any,
    ) -> Plan:
        """What `Sweep` keeps of a plan, for what we stored ourselves."""
        return cls(
            text=base["text"],
            model=base["model"],
            preset=base.get("preset", ""),
            parameters=base.get("parameters", {}),
            variables=base.get("variables", {}),
            axes=tuple(Axis(one["field"], tuple(one["values"])) for one in axes),
            inputs=tuple(inputs),
            checks=tuple(Check(one["kind"], one["value"]) for one in checks),
            **more,
        )

    def base_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "model": self.model,
            "preset": self.preset,
            "parameters": dict(self.parameters),
            "variables": dict(self.variables),
        }
