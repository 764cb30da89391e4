"""The inspector's form, as plain values for templates."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from playground.catalog.models import Model, Price, Provider
from playground.catalog.problems import Problem
from playground.catalog.selection import usable
from playground.catalog.specs import COMPOSER, FieldSpec, specs_of
from playground.catalog.validation import Dropped, Validated, validate


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_selected: bool = False
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One control. Its `name` is also the parameter's; an untouched one submits nothing or an empty text."""

    name: str
    id: str
    label: str
    help: str
    widget: str  # "slider", "number", "text", "textarea", "select", "switch", "tokens" or "json-schema"
    group: str
    value: str  # as the control holds it; empty when unset
    items: tuple[str, ...]  # of a "tokens" field
    is_set: bool
    is_on: bool  # of a "switch": its value, or the default
    ghost: str  # what stands there while it is unset
    minimum: str  # as attributes want it; empty when there is none
    maximum: str
    step: str
    start: str  # where a slider stands while it is unset; "true" for a switch that is on by default
    options: tuple[Option, ...]
    when_field: str  # shown only while this field ...
    when_value: str  # ... has this value
    is_hidden: bool
    is_integer: bool
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """One provider's models in the select."""

    provider: Provider
    options: tuple[Option, ...]
    needs_key: bool


@dataclass(frozen=True, slots=True)
class InspectorForm:
    model: Model
    model_name: str  # public
    is_usable: bool
    price: Price | None  # None: unpriced, which is not free
    is_free: bool  # runs here and costs nothing
    days_left: int | None
    is_retired: bool
    groups: tuple[ModelGroup, ...]
    locked: tuple[Provider, ...]  # providers that need a key, for the place to enter one
    fields: tuple[FormField, ...]
    dropped: tuple[Dropped, ...]
    errors: tuple[Problem, ...]  # those of no field
    set_count: int

    def field(self, name: str) -> FormField | None:
        return next((field for field in self.fields if field.name == name), None)


def build_form(
    model: Model,
    values: Mapping[str, Any],
    errors: Sequence[Problem] = (),
    *,
    warnings: Sequence[Problem] | None = None,
    dropped: Sequence[Dropped] = (),
    models: Iterable[Model] | None = None,
) -> InspectorForm:
    """The form for `model` showing `values`: typed ones, or raw ones when they come back with `errors`.

    Without `warnings` they are those of the values themselves, as far as they can be judged without the messages.
    Two queries: the models of the select (unless given, with their providers), and the price.
    """
    today = timezone.now().date()
    shown = list(models) if models is not None else _models_of_select()
    price = model.price_at(today)
    groups = _groups(shown, model, today)
    specs = [spec for spec in specs_of(model).values() if spec.widget != COMPOSER]
    names = {spec.name for spec in specs}
    if warnings is None:
        warnings = validate(model, {name: value for name, value in values.items() if name in names}).warnings
    return InspectorForm(
        model=model,
        model_name=model.public_name,
        is_usable=usable(model, today),
        price=price,
        is_free=model.provider.is_embedded and price is not None and not (price.input or price.output),
        days_left=model.days_left(today),
        is_retired=model.is_retired(today),
        groups=groups,
        locked=tuple(group.provider for group in groups if group.needs_key),
        fields=tuple(_field(spec, values, errors, warnings) for spec in specs),
        dropped=tuple(dropped),
        errors=tuple(problem for problem in errors if problem.field not in names),
        set_count=sum(1 for name in names if values.get(name) not in (None, "", [])),
    )


@dataclass(frozen=True, slots=True)
class FieldNotes:
    """What stands under one control."""

    id: str  # of the control
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def field_notes(model: Model, validated: Validated) -> list[FieldNotes]:
    """The notes of every control of the form, the empty ones too: they take away what stood there."""
    return [
        FieldNotes(control_id(spec.name), _of(spec.name, validated.errors), _of(spec.name, validated.warnings))
        for spec in specs_of(model).values()
        if spec.widget != COMPOSER
    ]


def control_id(name: str) -> str:
    return f"parameter-{name}"


def _of(name: str, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.field == name)


def _models_of_select() -> list[Model]:
    return list(Model.objects.filter(is_enabled=True, provider__is_enabled=True).select_related("provider"))


def _groups(models: Iterable[Model], chosen: Model, today: datetime.date) -> tuple[ModelGroup, ...]:
    by_provider: dict[int, list[Model]] = {}
    for model in models:
        by_provider.setdefault(model.provider_id, []).append(model)
    return tuple(
        ModelGroup(
            provider=members[0].provider,
            options=tuple(_model_option(model, chosen, today) for model in members),
            needs_key=members[0].provider.needs_key,
        )
        for members in by_provider.values()
    )


def _model_option(model: Model, chosen: Model, today: datetime.date) -> Option:
    label = model.public_name
    if model.is_retired(today):
        label = _("%(model)s (retired)") % {"model": label}
    elif model.provider.needs_key:
        label = _("%(model)s (needs a key)") % {"model": label}
    is_chosen = model.pk == chosen.pk
    # The chosen one stays selectable, or the browser would show another model than the one that is asked.
    return Option(model.public_name, label, is_chosen, model.provider.needs_key and not is_chosen)


def _field(
    spec: FieldSpec, values: Mapping[str, Any], errors: Sequence[Problem], warnings: Sequence[Problem]
) -> FormField:
    value = values.get(spec.name)
    is_set = value not in (None, "", [])
    when_field, when_value = next(((name, str(wanted)) for name, wanted in spec.when.items()), ("", ""))
    return FormField(
        name=spec.name,
        id=control_id(spec.name),
        label=_(spec.title),
        help=_(spec.help) if spec.help else "",
        widget=spec.widget,
        group=spec.group,
        value=_as_text(value, spec) if is_set and not isinstance(value, list | tuple) else "",
        items=tuple(str(item) for item in value) if isinstance(value, list | tuple) else (),
        is_set=is_set,
        is_on=_is_on(value if is_set else spec.default),
        ghost=_ghost(spec),
        minimum=_number_text(spec.minimum),
        maximum=_number_text(spec.maximum),
        step=_number_text(spec.step) or ("1" if spec.type == "integer" else "any"),
        start=_start(spec),
        options=_options(spec, value),
        when_field=when_field,
        when_value=when_value,
        is_hidden=not spec.applies(values),
        is_integer=spec.type == "integer",
        errors=_of(spec.name, errors),
        warnings=_of(spec.name, warnings),
    )


def _as_text(value: Any, spec: FieldSpec) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, indent=2, ensure_ascii=False)
    if isinstance(value, float | int) and spec.type == "number":
        return _number_text(value)
    return str(value)


def _number_text(value: float | Decimal | None) -> str:
    """A number as HTML attributes want it, in no locale: 1, 0.01, -2."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(float(value))


def _ghost(spec: FieldSpec) -> str:
    if spec.ghost:
        return _(spec.ghost)
    if spec.default is None:
        return _("default")
    if spec.widget == "slider":
        return f"{spec.default:.2f}"
    label = spec.labels.get(str(spec.default))
    return _(label) if label else str(spec.default)


def _start(spec: FieldSpec) -> str:
    """The default, or where nothing is pulled either way: 1 for a factor, 0 for a penalty, within the range."""
    if spec.type == "boolean":
        return "true" if spec.default is True else ""
    if spec.minimum is None or spec.maximum is None:
        return ""
    start = spec.default if isinstance(spec.default, int | float) else (1 if spec.minimum >= 0 else 0)
    return _number_text(min(max(start, spec.minimum), spec.maximum))


def _options(spec: FieldSpec, value: Any) -> tuple[Option, ...]:
    """Nothing chosen comes first and means "left out"."""
    if spec.widget != "select":
        return ()
    unset = Option("", _("Default (%(ghost)s)") % {"ghost": _ghost(spec)}, value in (None, ""))
    named = [Option(name, _(spec.labels.get(name, name)), value == name) for name in spec.options]
    return (unset, *named)


def _is_on(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in {"true", "on", "1"})
