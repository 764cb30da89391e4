"""The plan form: what was typed, as a plan. Bounds and values are judged here, what the settings say together in `pricing`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import read_form, validate
from playground.catalog.models import Model
from playground.catalog.problems import BadValue
from playground.catalog.specs import FieldSpec, specs_of
from playground.chat.errors import FieldError, InvalidInput
from playground.chat.services.cleaning import clean_text, clean_title
from playground.chat.services.preparing import known
from playground.compare.sweeps.checks import KINDS, check_check
from playground.compare.sweeps.plan import MAX_CHECKS, MAX_REPEATS, MODEL, PRESET, Axis, Check, Plan
from playground.compare.sweeps.table import BadTable, read_table
from playground.compare.sweeps.values import is_number, may_vary, read_range, read_values
from playground.presets.lookup import find_version
from playground.presets.models import PresetVersion

AXES = ("axis1", "axis2")
VARIABLE = "variable-"
MAX_CAP = Decimal(1_000_000)


def read_plan(owner: User, model: Model | None, post: QueryDict) -> Plan:
    """Raises InvalidInput with everything that is wrong with single fields. A query for each preset named."""
    model, problems = known(model), _Problems()
    text = problems.of("text", lambda: clean_text(post.get("text", "")), "")
    raw = read_form(model, post)
    checked = validate(model, raw, texts=[text])
    problems.found += checked.errors
    inputs = problems.of("inputs", lambda: _inputs(post), ())
    plan = Plan(
        title=problems.of("title", lambda: _title(post), ""),
        text=text,
        model=model.public_name,
        preset=problems.of("preset", lambda: _preset(owner, post.get("preset", "")), ""),
        parameters=checked.values,
        variables=_variables(post),
        axes=_axes(owner, model, post, problems),
        inputs=inputs,
        checks=problems.of("checks", lambda: _checks(post), ()),
        repeats=problems.of("repeats", lambda: _whole(post, "repeats", MAX_REPEATS), 1),
        concurrency=problems.of("concurrency", lambda: _whole(post, "concurrency", settings.SWEEP_MAX_CONCURRENCY), 1),
        cap=problems.of("cap", lambda: read_cap(post.get("cap", "")), None),
    )
    if problems.found:
        raise InvalidInput(problems.found)
    return plan


class _Problems:
    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def of(self, field: str, read: Any, default: Any) -> Any:
        """What `read` gives; when it cannot, the problem is noted and `default` stands in."""
        try:
            return read()
        except (BadValue, BadTable) as error:
            self.found.append(FieldError(field, str(error)))
        except InvalidInput as error:
            self.found += error.errors
        return default


def _title(post: QueryDict) -> str:
    title = post.get("title", "")
    return clean_title(title) if title.strip() else ""


def _preset(owner: User, name: str) -> str:
    """As receipts have it, `slug@number`, whatever way it was named."""
    if not name.strip():
        return ""
    try:
        return find_version(owner, name).name
    except PresetVersion.DoesNotExist:
        raise BadValue(_("There is no preset %(name)s that you may use.") % {"name": name[:120]}) from None


def _variables(post: QueryDict) -> Mapping[str, str]:
    """Those of the preset: what it does not declare is not looked at."""
    names = [name for name in post if name.startswith(VARIABLE)]
    return {name.removeprefix(VARIABLE): str(post[name]) for name in names[:100]}


def _axes(owner: User, model: Model, post: QueryDict, problems: _Problems) -> tuple[Axis, ...]:
    specs = specs_of(model)
    axes: list[Axis] = []
    for name in AXES:
        field = post.get(name, "")
        if not field:
            continue
        if any(axis.field == field for axis in axes):
            problems.found.append(FieldError(name, _("The two fields are the same one.")))
            continue
        values = problems.of(name, lambda: _axis_values(owner, field, specs.get(field), name, post), ())  # noqa: B023 - called at once
        axes.append(Axis(field, values))
    return tuple(axes)


def _axis_values(owner: User, field: str, spec: FieldSpec | None, name: str, post: QueryDict) -> tuple[Any, ...]:
    if field == PRESET:
        lines = [line for text in post.getlist(f"{name}_values") for line in text.split()]
        return tuple(dict.fromkeys(_preset(owner, line) for line in read_values(field, None, lines, is_list=True)))
    if field == MODEL:
        return read_values(field, None, post.getlist(f"{name}_values"), is_list=True)
    if spec is None or not may_vary(spec):
        raise BadValue(_("This field cannot be swept with the model chosen."))
    ends = [post.get(f"{name}_{end}", "").strip() for end in ("from", "to", "step")]
    if is_number(spec) and any(ends):
        return read_range(spec, *ends)
    is_list = bool(spec.options) or spec.type == "boolean"
    return read_values(field, spec, post.getlist(f"{name}_values"), is_list=is_list)


def _inputs(post: QueryDict) -> tuple[Mapping[str, str], ...]:
    return read_table(clean_text(post.get("inputs", ""), "inputs"))


def _checks(post: QueryDict) -> tuple[Check, ...]:
    pairs = zip(post.getlist("check_kind"), post.getlist("check_value"), strict=False)
    checks = tuple(Check(kind, clean_text(value, "checks")) for kind, value in pairs if value.strip())
    if len(checks) > MAX_CHECKS:
        raise BadValue(_("At most %(limit)d checks.") % {"limit": MAX_CHECKS})
    for check in checks:
        if check.kind not in KINDS:
            raise BadValue(_("This kind of check does not exist."))
        check_check(check)
    return checks


def _whole(post: QueryDict, name: str, most: int) -> int:
    text = post.get(name, "").strip() or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most):
        raise BadValue(
            (
                _("Repeats: a whole number from 1 to %(most)d.")
                if name == "repeats"
                else _("At once: a whole number from 1 to %(most)d.")
            )
            % {"most": most}
        )
    return int(text)


def read_cap(text: str) -> Decimal | None:
    """Dollars; None for an empty text. Raises BadValue."""
    text = str(sanitize_separators(text.strip().removeprefix("$").strip()))
    if not text:
        return None
    try:
        cap = Decimal(text) if len(text) <= 20 else None
    except InvalidOperation:
        cap = None
    if cap is None or not cap.is_finite() or not 0 <= cap <= MAX_CAP:
        raise BadValue(_("The cap: an amount in dollars, such as 0.50."))
    return cap
