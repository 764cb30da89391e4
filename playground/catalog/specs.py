"""A model's form schema, read into one `FieldSpec` per parameter with the model's own limits filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.catalog.models import Model
from playground.catalog.schemas import GENERIC, shipped_schema

COMPOSER = "composer"  # the widget of what a message carries: not part of the inspector


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One parameter. `constraint` is plain JSON Schema; everything else is how to show and send it."""

    name: str
    constraint: Mapping[str, Any]
    type: str  # "string", "number", "integer", "boolean", "array" or "object"
    title: str
    help: str
    widget: str  # "slider", "number", "text", "textarea", "select", "switch", "tokens", "json-schema" or "composer"
    group: str
    order: int
    step: float | None
    default: Any  # what the provider does when the field is left out; None when that is not known
    ghost: str  # stands for a default that is no value, such as "none"
    labels: Mapping[str, str]
    when: Mapping[str, Any]  # shown and sent only while these fields have these values
    wire: str  # where it stands in the request body
    is_required: bool
    is_deprecated: bool

    @property
    def minimum(self) -> float | int | None:
        return self.constraint.get("minimum")

    @property
    def maximum(self) -> float | int | None:
        return self.constraint.get("maximum")

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(self.constraint.get("enum", ()))

    def applies(self, values: Mapping[str, Any]) -> bool:
        """True when the fields it depends on have the values it asks for."""
        return all(values.get(name) == wanted for name, wanted in self.when.items())


def schema_of(model: Model) -> dict[str, Any]:
    """The model's own form schema, or the generic one when the row has none."""
    return model.form_schema or shipped_schema(GENERIC)


def specs_of(model: Model) -> dict[str, FieldSpec]:
    """The parameters `model` has, by name, in the order of the form."""
    schema = schema_of(model)
    required = set(schema.get("required", ()))
    specs = [
        _spec(name, shape, model, name in required)
        for name, shape in schema.get("properties", {}).items()
        if shape.get("x-needs") != "vision" or model.has_vision
    ]
    return {spec.name: spec for spec in sorted(specs, key=lambda spec: (spec.order, spec.name))}


def rules_of(model: Model) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = schema_of(model).get("x-rules", [])
    return rules


def _spec(name: str, shape: Mapping[str, Any], model: Model, is_required: bool) -> FieldSpec:
    constraint = {key: value for key, value in shape.items() if not key.startswith("x-")}
    _limit(constraint, "maximum", shape.get("x-maximum"), model)
    _limit(constraint, "maxItems", shape.get("x-max-items"), model)
    return FieldSpec(
        name=name,
        constraint=constraint,
        type=shape.get("type", "string"),
        title=shape.get("title", name),
        help=shape.get("description", ""),
        widget=shape.get("x-widget", "text"),
        group=shape.get("x-group", ""),
        order=shape.get("x-order", 1000),
        step=shape.get("x-step"),
        default=shape.get("default"),
        ghost=shape.get("x-ghost", ""),
        labels=shape.get("x-labels", {}),
        when=shape.get("x-when", {}),
        wire=shape.get("x-wire", name),
        is_required=is_required,
        is_deprecated=bool(shape.get("deprecated")),
    )


def _limit(constraint: dict[str, Any], keyword: str, attribute: str | None, model: Model) -> None:
    """Lower `keyword` to what the model's row says, when it says something."""
    limit = getattr(model, attribute) if attribute in {"max_output_tokens", "max_images", "context_tokens"} else None
    if limit:
        constraint[keyword] = min(limit, constraint.get(keyword, limit))
