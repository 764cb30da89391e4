"""Rules between fields, as the form schema's `x-rules` name them.

A rule is an object: `rule` (a key of `_RULES`), `fields`, `level` ("error" or "warning"), `message`, and what its kind needs.
Its problems are shown at each field that it names and that has a value, or at its first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.problems import Problem
from playground.catalog.strict_schema import strict_findings

ERROR = "error"


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at: the typed values, and the texts of the other messages (None: not known)."""

    values: Mapping[str, Any]
    texts: Sequence[str] = ()


def apply_rules(rules: Sequence[Mapping[str, Any]], facts: Facts) -> tuple[list[Problem], list[Problem]]:
    """Errors and warnings. A rule of a kind that we do not know is passed over: data may be newer than code."""
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for rule in rules:
        check = _RULES.get(rule.get("rule", ""))
        if check is not None:
            (errors if rule.get("level") == ERROR else warnings).extend(check(rule, facts))
    return errors, warnings


def _message(rule: Mapping[str, Any]) -> str:
    message = rule.get("message", "")
    return _(message) if message else ""


def _not_both(rule: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    """Two or more of the fields are set."""
    present = [name for name in rule["fields"] if name in facts.values]
    if len(present) > 1:
        yield Problem(present[-1], _message(rule))


def _no_effect(rule: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    """A field is set that does little or nothing here."""
    for name in rule["fields"]:
        if name in facts.values:
            yield Problem(name, _message(rule))


def _needs_word(rule: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    """The field has `value`, and no message that we know of holds `word`."""
    name = rule["fields"][0]
    if facts.values.get(name) != rule["value"]:
        return
    word = rule["word"].lower()
    texts = (facts.values.get("system_prompt", ""), facts.values.get("prompt", ""), *facts.texts)
    if not any(word in text.lower() for text in texts):
        yield Problem(name, _message(rule))


def _needs_value(rule: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    """The field applies (its x-when holds, which the caller has checked) and is empty."""
    for name in rule["fields"]:
        if facts.values.get(name) is None:
            yield Problem(name, _message(rule))


def _strict_subset(rule: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    """The flag is on and the schema breaks the rules of strict mode."""
    name = rule["fields"][0]
    if facts.values.get(rule["flag"]) is not True or not isinstance(facts.values.get(name), dict):
        return
    for finding in strict_findings(facts.values[name]):
        place = finding.pointer or "/"
        yield Problem(name, f"{_message(rule)} {place}: {finding.message}")


_RULES: dict[str, Callable[[Mapping[str, Any], Facts], Iterator[Problem]]] = {
    "not_both": _not_both,
    "no_effect": _no_effect,
    "needs_word": _needs_word,
    "needs_value": _needs_value,
    "strict_subset": _strict_subset,
}
