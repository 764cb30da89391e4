"""What the plan form shows when it is opened: empty, or with what a chat or an earlier sweep has."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form import InspectorForm, build_form
from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.catalog.specs import FieldSpec, specs_of
from playground.chat.models import Attachment, Conversation, Role
from playground.chat.prompt import path_turns
from playground.chat.services.drafts import find_draft
from playground.compare.models import Sweep
from playground.compare.sweeps.checks import KINDS
from playground.compare.sweeps.hand import plan_of
from playground.compare.sweeps.plan import MAX_REPEATS, MODEL, PRESET, SYSTEM_PROMPT, Axis, Check, Plan
from playground.compare.sweeps.table import write_table
from playground.compare.sweeps.values import is_number, may_vary
from playground.compare.sweeps.wording_of_plan import field_label
from playground.presets.lookup import picker

PROPOSED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class ShownOption:
    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class ShownAxis:
    """One field that is varied, and how its values are entered."""

    number: int  # 1 or 2
    field: str
    kind: str  # "" (none), "number", "choice", "preset", "system_prompt" or "text"
    help: str = ""
    text: str = ""
    options: tuple[ShownOption, ...] = ()
    minimum: str = ""
    maximum: str = ""

    @property
    def name(self) -> str:
        """How the names of its controls begin."""
        return f"axis{self.number}"


@dataclass(frozen=True, slots=True)
class PlanForm:
    title: str
    text: str
    attachments: Sequence[Attachment]
    inspector: InspectorForm | None
    model: Model | None
    preset: str
    presets: tuple[ShownOption, ...]
    variables: tuple[tuple[str, str], ...]
    fields: tuple[tuple[int, tuple[ShownOption, ...]], ...]  # of each axis
    axes: tuple[ShownAxis, ...]
    inputs: str
    checks: tuple[Check, ...]
    kinds: tuple[tuple[str, Any], ...]
    repeats: int
    max_repeats: int
    concurrency: int
    max_concurrency: int
    cap: Decimal | None
    request_id: str


def open_form(
    user: User,
    *,
    origin: Sweep | None = None,
    conversation: Conversation | None = None,
    plan: Plan | None = None,
) -> PlanForm:
    """Begun with `plan`, or what `origin` or `conversation` has. About ten queries."""
    if plan is None:
        plan = plan_of(origin) if origin else _plan_from(user, conversation)
    rows = Model.objects.visible_to(user).select_related("provider").prefetch_related("prices")
    models = list(rows.defer("card", "description"))
    model = next((one for one in models if one.public_name == plan.model), None) or default_model_for(user)
    draft = find_draft(owner=user, conversation=None)
    presets = picker(user)
    axes = [*plan.axes, *[Axis("", ())] * (2 - len(plan.axes))]
    choices = _presets(presets, [plan.preset])
    return PlanForm(
        title=plan.title,
        text=plan.text,
        attachments=list(draft.attachments.all()) if draft else [],
        inspector=build_form(model, plan.parameters, models=models) if model else None,
        model=model,
        preset=plan.preset,
        presets=choices,
        variables=tuple(plan.variables.items()),
        fields=tuple((at, _fields(model, axis.field)) for at, axis in enumerate(axes, start=1)),
        axes=tuple(_show_axis(user, model, models, at, axis) for at, axis in enumerate(axes, start=1)),
        inputs=write_table(plan.inputs),
        checks=plan.checks,
        kinds=tuple(KINDS.items()),
        repeats=plan.repeats,
        max_repeats=MAX_REPEATS,
        concurrency=plan.concurrency,
        max_concurrency=settings.SWEEP_MAX_CONCURRENCY,
        cap=plan.cap,
        request_id=secrets.token_urlsafe(24),
    )


def open_axis(user: User, model: Model | None, number: int, field: str) -> ShownAxis:
    """The controls for the values of `field`, empty."""
    models = list(Model.objects.visible_to(user).select_related("provider")) if field == MODEL else []
    return _show_axis(user, model or default_model_for(user), models, number, Axis(field, ()))


def proposed_at_once() -> int:
    """How many runs at a time a new plan begins with."""
    return min(PROPOSED_AT_ONCE, settings.SWEEP_MAX_CONCURRENCY)


def _plan_from(user: User, conversation: Conversation | None) -> Plan:
    at_once = proposed_at_once()
    if conversation is None:
        model = default_model_for(user)
        name = model.public_name if model else ""
        return Plan("", "", name, "", user.default_parameters, {}, (), concurrency=at_once)
    turns = path_turns(conversation, conversation.leaf_id)
    text = next((turn.text for turn in reversed(turns) if turn.role == Role.USER), "")
    version = conversation.preset
    preset = version.name if version is not None else ""
    variables = dict(conversation.variables)
    return Plan("", text, conversation.model_name, preset, conversation.parameters, variables, (), concurrency=at_once)


def _fields(model: Model | None, chosen: str) -> tuple[ShownOption, ...]:
    names = [MODEL, PRESET]
    if model is not None:
        names += [name for name, spec in specs_of(model).items() if may_vary(spec)]
    return tuple(ShownOption(name, field_label(name), name == chosen) for name in names)


def _show_axis(user: User, model: Model | None, models: Sequence[Model], number: int, axis: Axis) -> ShownAxis:
    values = [_as_text(value) for value in axis.values]
    if not axis.field or model is None:
        return ShownAxis(number, "", "")
    if axis.field == MODEL:
        options = tuple(ShownOption(one.public_name, one.public_name, one.public_name in values) for one in models)
        return ShownAxis(number, MODEL, "choice", _("Choose several with Ctrl or Shift."), options=options)
    if axis.field == PRESET:
        options = _presets(picker(user), values)
        others = "\n".join(value for value in values if value not in {option.value for option in options})
        return ShownAxis(
            number, PRESET, "preset", _("Choose several, or name versions, one a line: tide@2."), others, options
        )
    return _show_parameter(specs_of(model).get(axis.field), number, axis.field, values)


def _show_parameter(spec: FieldSpec | None, number: int, field: str, values: list[str]) -> ShownAxis:
    if spec is None or not may_vary(spec):
        return ShownAxis(number, "", "")
    if field == SYSTEM_PROMPT:
        text = "\n---\n".join(values)
        return ShownAxis(number, field, "system_prompt", _("Between two prompts a line of three hyphens: ---"), text)
    if is_number(spec):
        help_text = _("Values, separated by spaces or commas; or a range.")
        text = " ".join(values)
        least, most = ("" if end is None else f"{end}" for end in (spec.minimum, spec.maximum))
        return ShownAxis(number, field, "number", help_text, text, minimum=least, maximum=most)
    if spec.options or spec.type == "boolean":
        names = [(name, _(spec.labels.get(name, name))) for name in spec.options]
        names = names or [("true", _("on")), ("false", _("off"))]
        options = tuple(ShownOption(name, label, name in values) for name, label in names)
        return ShownAxis(number, field, "choice", _("Choose several with Ctrl or Shift."), options=options)
    return ShownAxis(number, field, "text", _("One value a line."), "\n".join(values))


def _presets(presets: Sequence[Any], chosen: Sequence[str]) -> tuple[ShownOption, ...]:
    names = [(f"{preset.slug}@{preset.latest.number}", preset.name) for preset in presets]
    options = [ShownOption(name, f"{label} @ {name.rpartition('@')[2]}", name in chosen) for name, label in names]
    known = {name for name, _label in names}
    options += [ShownOption(name, name, is_selected=True) for name in chosen if name and name not in known]
    return tuple(options)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
