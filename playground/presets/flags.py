"""What has become of the models that presets name, and what those make of a preset's parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.catalog.specs import specs_of
from playground.presets.content import Content

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class ModelState:
    """`state` is "" (it can be used), "any" (none is named), "gone", "retired", "locked" (its provider needs a key)."""

    name: str
    state: str
    days_left: int | None = None
    instead: str = ""  # the public name of a model to try, when there is one

    @property
    def is_lost(self) -> bool:
        return self.state in {"gone", "retired"}


def states_of(user: User, names: Iterable[str]) -> dict[str, ModelState]:
    """The state of each model that is named. Two queries, however many there are."""
    wanted = set(names)
    rows = (
        Model.objects.visible_to(user)
        .filter(name__in={name.partition("/")[2] for name in wanted})
        .select_related("provider")
        .defer("form_schema", "card")
    )
    models = {model.public_name: model for model in rows}
    usual = default_model_for(user)
    usual_name = usual.public_name if usual else ""
    return {name: _state(name, models.get(name), usual_name) for name in wanted}


def unknown_parameters(model: Model | None, content: Content) -> list[str]:
    """The names that the form of `model` does not have; none when there is no model to ask."""
    if model is None:
        return []
    specs = specs_of(model)
    return [name for name in content.parameters if name not in specs]


def _state(name: str, model: Model | None, usual: str) -> ModelState:
    if not name:
        return ModelState(name, "any")
    if model is None:
        return ModelState(name, "gone", instead=usual)
    if model.is_retired():
        instead = f"{model.provider.slug}/{model.replaced_by}" if model.replaced_by else usual
        return ModelState(name, "retired", model.days_left(), instead)
    if model.provider.needs_key:
        return ModelState(name, "locked", model.days_left(), usual)
    return ModelState(name, "", model.days_left())
