"""`{{name}}` in the texts of a preset and in what is sent with it: which there are, and what takes their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from playground.catalog.problems import Problem
from playground.lib.json_input import is_storable
from playground.presets.content import Content, Variable
from playground.presets.errors import BadVariables, Missing

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
PLACE = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]{0,39})[ \t]*\}\}")
MAX_VALUE_CHARS = 1_000_000  # a document pasted into a long one; the message it becomes part of has its own bound
BOOLEANS = ("true", "false")
SYSTEM_PROMPT = "system_prompt"


def field_name(name: str) -> str:
    """What the form field of the variable `name` is called."""
    return f"variable-{name}"


def find_names(texts: Iterable[str]) -> list[str]:
    """The names that stand in `texts`, each once, in the order in which they come."""
    return list(dict.fromkeys(match[1] for text in texts for match in PLACE.finditer(text)))


def texts_of(content: Content) -> list[str]:
    """All texts of a preset in which variables are filled in."""
    prompt = content.parameters.get(SYSTEM_PROMPT, "")
    return [prompt if isinstance(prompt, str) else "", *(starter.text for starter in content.messages)]


def names_in(content: Content) -> list[str]:
    return find_names(texts_of(content))


def resolve(variables: Sequence[Variable], given: Mapping[str, str]) -> dict[str, str]:
    """The value of each declared variable. One that is not in `given` has its default; an empty one is empty.

    Raises Missing when a required one is empty, BadVariables when a value is none of its type. Others in `given` are ignored.
    """
    values = {variable.name: _read(variable, given) for variable in variables}
    missing = [one.name for one in variables if one.is_required and not values[one.name].strip()]
    errors = [Problem(field_name(name), _("“%(name)s” needs a value.") % {"name": name}) for name in missing]
    errors += [
        Problem(field_name(variable.name), message)
        for variable in variables
        if values[variable.name].strip() and (message := value_problem(variable, values[variable.name]))
    ]
    if missing:
        raise Missing(missing, errors)
    if errors:
        raise BadVariables(errors)
    return values


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """`text` with the names of `values` replaced, in one pass: what is filled in is not looked at again."""
    return PLACE.sub(lambda match: values.get(match[1], match[0]), text)


def fill(content: Content, given: Mapping[str, str]) -> Content:
    """`content` with its variables filled in everywhere. Raises like `resolve`."""
    values = resolve(content.variables, given)
    parameters = dict(content.parameters)
    if isinstance(parameters.get(SYSTEM_PROMPT), str):
        parameters[SYSTEM_PROMPT] = fill_text(parameters[SYSTEM_PROMPT], values)
    messages = tuple(replace(starter, text=fill_text(starter.text, values)) for starter in content.messages)
    return replace(content, parameters=parameters, messages=messages)


def value_problem(variable: Variable, value: str) -> str:
    """What is wrong with `value`, which is not empty, in words; empty when nothing is."""
    facts = {"name": variable.name}
    if len(value) > MAX_VALUE_CHARS or not is_storable(value):
        return _("The value of “%(name)s” is too long or holds what cannot be stored.") % facts
    if variable.type == "number" and not _is_number(value):
        return _("“%(name)s” wants a number.") % facts
    if variable.type == "choice" and value not in variable.options:
        return _("“%(name)s” wants one of its options.") % facts
    if variable.type == "boolean" and value not in BOOLEANS:
        return _("“%(name)s” wants true or false.") % facts
    return ""


def _read(variable: Variable, given: Mapping[str, str]) -> str:
    value = given.get(variable.name, variable.default)
    if variable.type in {"number", "choice", "boolean"}:
        value = value.strip()
    if variable.type == "boolean" and not value:
        return "false"  # a box that is not ticked sends nothing
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _is_number(value: str) -> bool:
    try:
        return len(value) <= 40 and Decimal(value).is_finite()
    except InvalidOperation:
        return False
