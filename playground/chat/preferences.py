"""What the settings page offers of the catalogue; registered with accounts, which stands beside the catalogue."""

from __future__ import annotations

from typing import Any

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.catalog.validation import validate


def model_choices(user: User) -> list[tuple[str, str]]:
    """(public name, label) of every model `user` may choose. One query."""
    models = Model.objects.visible_to(user).select_related("provider")
    return [(model.public_name, f"{model.title} ({model.public_name})") for model in models]


def parameter_problems(model_name: str, values: dict[str, Any]) -> list[str]:
    """What the model's form schema says against `values`; nothing is checked without a model or when it has gone."""
    model = Model.objects.select_related("provider").named(model_name).first() if model_name else None
    return [problem.message for problem in validate(model, values).errors] if model else []
