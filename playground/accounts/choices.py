"""What the settings page offers but other apps own: the models, and the rules of their parameters.

An app further up the ladder registers itself in its `AppConfig.ready()`; without it the page shows what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from playground.accounts.models import User

# (public name, label) of every model the user may choose.
ModelChoices = Callable[[User], Sequence[tuple[str, str]]]
# What is wrong with parameter values for a model ("" for the server's default): one sentence each; empty when all is well.
ParameterCheck = Callable[[str, dict[str, Any]], Sequence[str]]

_model_choices: list[ModelChoices] = []
_parameter_checks: list[ParameterCheck] = []


def register(model_choices: ModelChoices, parameter_check: ParameterCheck | None = None) -> None:
    _model_choices[:] = [model_choices]
    _parameter_checks[:] = [parameter_check] if parameter_check else []


def model_choices(user: User) -> list[tuple[str, str]]:
    return [choice for source in _model_choices for choice in source(user)]


def parameter_problems(model_name: str, values: dict[str, Any]) -> list[str]:
    return [problem for check in _parameter_checks for problem in check(model_name, values)]
