"""From a plan and a place of its grid to the request that its cells send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import carry_over
from playground.catalog.models import Model
from playground.chat.errors import InvalidInput
from playground.chat.prompt import Turn
from playground.chat.services.context import Prompt
from playground.chat.services.filling import Filling, begun_message
from playground.chat.services.preparing import check_attachments, known, prepare
from playground.compare.sweeps.plan import MODEL, PRESET, Place, Plan, Setting
from playground.presets.content import Content
from playground.presets.errors import BadVariables
from playground.presets.lookup import find_version
from playground.presets.models import PresetVersion
from playground.presets.variables import resolve


@dataclass(frozen=True)
class Kit:
    """The models and presets that a plan names, loaded once, with what they say."""

    plan: Plan
    models: Mapping[str, Model]
    versions: Mapping[str, PresetVersion]

    @cached_property
    def contents(self) -> Mapping[str, Content]:
        return {name: version.content for name, version in self.versions.items()}


def load_kit(owner: User, plan: Plan) -> Kit:
    """Raises InvalidInput for a preset that `owner` may not use. Two queries, and one for each preset."""
    models = Model.objects.visible_to(owner).select_related("provider").prefetch_related("prices")
    by_name = {model.public_name: model for model in models.defer("card", "description")}
    return Kit(plan, by_name, {name: _version(owner, name) for name in _presets(plan)})


def _presets(plan: Plan) -> list[str]:
    varied = [str(name) for axis in plan.axes if axis.field == PRESET for name in axis.values]
    return [name for name in dict.fromkeys([plan.preset, *varied]) if name]


def _version(owner: User, name: str) -> PresetVersion:
    try:
        return find_version(owner, name)
    except PresetVersion.DoesNotExist:
        text = _("There is no preset %(name)s that you may use.") % {"name": name[:120]}
        raise InvalidInput.of("preset", text) from None


def setting_at(kit: Kit, place: Place) -> Setting:
    """What the cells of `place` are sent with, before variables are filled in. A preset on an axis brings its own model and parameters."""
    plan = kit.plan
    chosen: dict[str, Any] = {}
    for axis, at in zip(plan.axes, (place.x, place.y), strict=False):
        chosen[axis.field] = axis.values[at]
    model, parameters = plan.model, dict(plan.parameters)
    preset = str(chosen.pop(PRESET, plan.preset))
    if preset != plan.preset:
        content = kit.contents[preset]
        model, parameters = content.model or model, dict(content.parameters)
    model = str(chosen.pop(MODEL, model))
    row = plan.inputs[place.input] if plan.inputs else {}
    return Setting(plan.text, model, preset, {**parameters, **chosen}, {**plan.variables, **row}, frozenset(chosen))


def filling_of(kit: Kit, setting: Setting) -> Filling:
    """The variables of the preset and of the table with their values. Raises InvalidInput."""
    version = kit.versions.get(setting.preset)
    content = kit.contents.get(setting.preset, Content())
    try:
        values = resolve(content.variables, setting.variables)
    except BadVariables as error:
        raise InvalidInput(error.errors) from None
    return Filling(version, content, dict(setting.variables), {**setting.variables, **values})


def question_text(setting: Setting, filling: Filling) -> str:
    """What is asked: the plan's text, or what the preset begins a message with."""
    begun = begun_message(filling.content)
    return filling.text(setting.text or (begun.text if begun else ""))


def prompt_of(kit: Kit, setting: Setting, filling: Filling, turns: Sequence[Turn]) -> Prompt:
    """The request of a cell whose question ends `turns`. Raises InvalidInput when it cannot be sent. No query."""
    model = known(kit.models.get(setting.model))
    fitting, _dropped = carry_over(
        {name: value for name, value in setting.parameters.items() if name not in setting.overridden}, model
    )
    varied = {name: setting.parameters[name] for name in setting.overridden}
    texts = [turn.text for turn in turns]
    prepared = prepare(model=model, parameters={**fitting, **varied}, added=texts, filling=filling)
    if turns:
        check_attachments(turns[-1].attachments, model)
    return Prompt(prepared, tuple, added=turns)
