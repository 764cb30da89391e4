"""`/?preset=slug@3&model=provider/name&prompt=…&temperature=0.2&variable-tone=dry`: a form filled by an address, never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.catalog.form_schema import carry_over, read_form
from playground.catalog.models import Model
from playground.catalog.selection import default_model_for
from playground.catalog.specs import COMPOSER, specs_of
from playground.chat.services.filling import given_of
from playground.chat.services.settings import Settings, version_named
from playground.lib.json_input import is_storable
from playground.presets.content import Content
from playground.presets.models import PresetVersion

OURS = frozenset({"preset", "model", "prompt", "deleted"})
VARIABLE = "variable-"
MAX_PROMPT_CHARS = 100_000
MAX_VALUE_CHARS = 100_000
MAX_FIELDS = 100
NAMED_CHARACTERS = 60  # of an unknown name, in a notice


@dataclass(frozen=True, slots=True)
class Address:
    """What an address asks for. `settings` is None when it asks for none."""

    settings: Settings | None
    prompt: str = ""
    problems: Sequence[str] = ()  # sentences about what was not taken over


def read_address(user: User, query: QueryDict) -> Address:
    """Nothing is changed. Up to three queries, none for an address without anything."""
    asked = {name for name in query if name not in {"deleted", "prompt"}}
    problems: list[str] = []
    prompt = _bounded(query, "prompt", MAX_PROMPT_CHARS, problems)
    if not asked:
        return Address(None, prompt, problems)
    if len(asked) > MAX_FIELDS:
        return Address(None, prompt, [*problems, _("The address has too many fields; none was taken over.")])
    version = _version(user, query.get("preset", ""), problems)
    content = version.content if version else Content()
    model, name = _model(user, query.get("model", ""), content, problems)
    base = content.parameters if version else user.default_parameters
    parameters = base | _parameters(model, query, problems)
    variables = _variables(query, content, version, problems)
    if model is not None:
        parameters, dropped = carry_over(parameters, model)
        problems += [
            f"{_(one.title)}: {one.reason}" for one in dropped if one.field in query or one.field in content.parameters
        ]
    return Address(Settings(name, parameters, version, variables), prompt, problems)


def _version(user: User, name: str, problems: list[str]) -> PresetVersion | None:
    version = version_named(user, name) if name and len(name) <= 200 else None
    if name and version is None:
        problems.append(_("There is no preset “%(name)s” that you may use.") % {"name": _short(name)})
    return version


def _model(user: User, asked: str, content: Content, problems: list[str]) -> tuple[Model | None, str]:
    """The model to show and its name: the one asked for, else the preset's, else the person's own."""
    models = Model.objects.visible_to(user).select_related("provider")
    for name in (asked, content.model):
        if not name:
            continue
        if len(name) <= 300 and is_storable(name) and (model := models.named(name).first()):
            return model, model.public_name
        problems.append(_("There is no model “%(name)s” here.") % {"name": _short(name)})
    model = default_model_for(user)
    return model, model.public_name if model else ""


def _parameters(model: Model | None, query: QueryDict, problems: list[str]) -> dict[str, Any]:
    specs = specs_of(model) if model else {}
    known = {name for name, spec in specs.items() if spec.widget != COMPOSER}
    unknown = [one for one in query if one not in known | OURS and not one.startswith(VARIABLE)]
    problems += [_("“%(name)s” is no parameter of this model.") % {"name": _short(one)} for one in unknown]
    return read_form(model, query) if model else {}


def _variables(
    query: QueryDict, content: Content, version: PresetVersion | None, problems: list[str]
) -> dict[str, str]:
    given = {}
    for field in query:
        name = field.removeprefix(VARIABLE)
        if name == field:
            continue
        if all(one.name != name for one in content.variables):
            preset = version.preset.name if version else ""
            message = (
                _("“%(name)s” is no variable of %(preset)s.")
                if preset
                else _("“%(name)s” is a variable without a preset.")
            )
            problems.append(message % {"name": _short(name), "preset": preset})
        else:
            given[name] = _bounded(query, field, MAX_VALUE_CHARS, problems)
    return given_of(content, given)


def _bounded(query: QueryDict, field: str, most: int, problems: list[str]) -> str:
    """The text of `field` with Unix line ends, or none when it may not be stored."""
    text = query.get(field, "")
    if len(text) > most or not is_storable(text):
        problems.append(_("“%(name)s” is too long, or holds what cannot be stored.") % {"name": _short(field)})
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _short(name: str) -> str:
    plain = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name[:200])
    return Truncator(plain).chars(NAMED_CHARACTERS)
