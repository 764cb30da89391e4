"""Raw form values in, typed values and everything that is wrong with them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.checks import check_value
from playground.catalog.models import Model
from playground.catalog.problems import BadValue, Problem
from playground.catalog.reading import is_unset, read_value
from playground.catalog.rules import Facts, apply_rules
from playground.catalog.schemas import shipped_title
from playground.catalog.specs import COMPOSER, FieldSpec, rules_of, specs_of


@dataclass(frozen=True, slots=True)
class Validated:
    """`values` holds what is set and good, typed. Send only when there are no errors."""

    values: dict[str, Any]
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that the new model does not take, and why, for the person to read."""

    field: str
    title: str
    value: Any
    reason: str


@dataclass
class _Reading:
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)


def validate(model: Model, raw: Mapping[str, Any], *, texts: Sequence[str] = ()) -> Validated:
    """Read `raw` by the form schema of `model`. No queries.

    `raw` holds texts as a form sends them, or typed values as JSON holds them. Unset fields are left out, unknown ones are
    errors. `texts` are those of the other messages that will be sent, for the rules that look at them.
    """
    specs = specs_of(model)
    reading = _read(specs, raw)
    values = reading.values
    hidden = {name for name, spec in specs.items() if not spec.applies(values)}
    errors = [problem for name, found in reading.problems.items() if name not in hidden for problem in found]
    broken = set(reading.problems)
    visible = {name: value for name, value in values.items() if name not in hidden}
    # A rule whose fields are hidden, absent from the model or already wrong has nothing to say.
    rules = [rule for rule in rules_of(model) if not broken & set(rule["fields"]) and _concerns(rule, specs, hidden)]
    rule_errors, warnings = apply_rules(rules, Facts(visible, texts))
    return Validated(values, (*errors, *rule_errors), tuple(warnings))


def carry_over(old_values: Mapping[str, Any], new_model: Model) -> tuple[dict[str, Any], list[Dropped]]:
    """The values that still fit `new_model`, and those that do not with the reason. For switching the model."""
    specs = specs_of(new_model)
    reading = _read(specs, old_values)
    dropped = [
        Dropped(name, specs[name].title if name in specs else shipped_title(name), old_values[name], found[0].message)
        for name, found in reading.problems.items()
    ]
    return reading.values, dropped


def read_form(model: Model, post: Mapping[str, Any]) -> dict[str, Any]:
    """The inspector's fields in a form post (a QueryDict), raw; other names in it are left alone.

    For a post that carries more than the inspector's fields, such as the composer's.
    """
    raw: dict[str, Any] = {}
    for name, spec in specs_of(model).items():
        if name not in post or spec.widget == COMPOSER:
            continue
        many = spec.type == "array" and hasattr(post, "getlist")
        value = post.getlist(name) if many else post[name]  # type: ignore[attr-defined]  # a QueryDict
        if not is_unset(value):
            raw[name] = value
    return raw


def _read(specs: Mapping[str, FieldSpec], raw: Mapping[str, Any]) -> _Reading:
    reading = _Reading()
    for name in raw:
        if is_unset(raw[name]):
            continue
        problems = _read_one(specs.get(name), name, raw[name], reading.values)
        if problems:
            reading.problems[name] = problems
    return reading


def _read_one(spec: FieldSpec | None, name: str, raw: Any, values: dict[str, Any]) -> list[Problem]:
    if spec is None:
        return [Problem(name, _("This model has no such parameter."))]
    try:
        value = read_value(spec.type, raw)
    except BadValue as error:
        return [Problem(name, str(error), error.line, error.column)]
    problems = [Problem(name, message) for message in check_value(spec, value)]
    if not problems:
        values[name] = value
    return problems


def _concerns(rule: Mapping[str, Any], specs: Mapping[str, FieldSpec], hidden: set[str]) -> bool:
    return all(name in specs and name not in hidden for name in rule["fields"])
