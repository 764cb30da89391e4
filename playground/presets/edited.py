"""What the editor's form holds: read from a post, whatever state somebody left it in, or made from a preset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from playground.catalog.form_schema import read_form, validate
from playground.catalog.models import Model
from playground.catalog.problems import Problem
from playground.catalog.specs import COMPOSER, specs_of
from playground.lib.json_input import BadJson, read_json
from playground.presets.checking import MAX_MESSAGES, MAX_VARIABLES
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.errors import InvalidPreset
from playground.presets.variables import SYSTEM_PROMPT, names_in

if TYPE_CHECKING:
    from playground.accounts.models import User
    from playground.presets.models import Preset

MAX_FORM_CHARS = 120_000  # of the JSON that holds other parameters
NEW_OPTIONS = "\n"  # between the options of a choice


@dataclass(frozen=True, slots=True)
class Said:
    """What a preset is called, as the form has it."""

    name: str = ""
    description: str = ""
    tags: str = ""  # as typed

    @classmethod
    def of(cls, preset: Preset) -> Said:
        return cls(preset.name, preset.description, " ".join(preset.tags))


@dataclass(frozen=True, slots=True)
class Edited:
    """Not checked yet. `problems` are those that reading it showed; parameters without one are typed."""

    content: Content
    model: Model | None = None  # of the name in the content, when the person may see one
    said: Said = Said()
    before: Said = Said()  # when the editor was opened
    note: str = ""
    base: int = 0  # the number of the version that it started from; 0: none
    others: str = ""  # the parameters that the model's form does not have, as JSON
    literal: frozenset[str] = frozenset()  # names in texts that somebody wants to stay as they are
    problems: tuple[Problem, ...] = field(default=())

    def with_found_variables(self) -> Edited:
        """With a variable for each name that stands in the texts, but for those that are to stay."""
        known = {variable.name for variable in self.content.variables} | self.literal
        found = [Variable(name) for name in names_in(self.content) if name not in known]
        variables = (*self.content.variables, *found)[:MAX_VARIABLES]
        return replace(self, content=replace(self.content, variables=variables))


def edited_of(user: User, content: Content, said: Said | None = None, *, base: int = 0) -> Edited:
    """The form filled with `content`. Names in its texts that it does not declare are meant to stay. One query."""
    model = find_model(user, content.model)
    declared = {variable.name for variable in content.variables}
    return Edited(
        content=content,
        model=model,
        others=others_text(model, content.parameters),
        literal=frozenset(names_in(content)) - declared,
        said=said or Said(),
        before=said or Said(),
        base=base,
    )


def read_post(user: User, post: QueryDict) -> Edited:
    """What was posted; nothing in it is trusted, and nothing of it is lost. One query."""
    name = post.get("model", "")
    # After the select of the model was changed, the other fields are still those of the model before.
    model = find_model(user, post.get("form_model", name))
    parameters, others, problems = _read_parameters(post, model)
    content = Content(
        model=name,
        parameters=parameters,
        messages=tuple(_starters(post)),
        variables=tuple(_variables(post)),
    )
    base = post.get("base", "")
    return Edited(
        content=content,
        model=model,
        said=_said(post, "preset"),
        before=_said(post, "before"),
        note=post.get("preset_note", ""),
        base=int(base) if base.isascii() and base.isdigit() and len(base) < 10 else 0,
        others=others,
        literal=frozenset(post.getlist("literal")[: MAX_VARIABLES * 10]),
        problems=tuple(problems),
    )


def merge_said(edited: Edited, preset: Preset) -> Said:
    """What it is to be called: of each part what was typed, or, where nothing was, what it says by now.

    Raises InvalidPreset when somebody else changed the same part meanwhile.
    """
    now, problems, parts = Said.of(preset), [], {}
    for part in ("name", "description", "tags"):
        mine, before, theirs = (getattr(said, part) for said in (edited.said, edited.before, now))
        if theirs not in {before, mine} and mine != before:
            message = _("Somebody changed this to “%(text)s” while you were editing. Save again to keep yours.")
            problems.append(Problem(part, message % {"text": theirs}))
        parts[part] = theirs if mine == before else mine
    if problems:
        raise InvalidPreset(problems)
    return Said(**parts)


def find_model(user: User, name: str) -> Model | None:
    return Model.objects.visible_to(user).select_related("provider").named(name).first() if name else None


def form_names(model: Model | None) -> set[str]:
    """The parameters that have a control of their own."""
    specs = specs_of(model).values() if model else ()
    return {spec.name for spec in specs if spec.widget != COMPOSER} | {SYSTEM_PROMPT}


def others_text(model: Model | None, parameters: Mapping[str, Any]) -> str:
    """The parameters without a control, as people read and write them; empty when there are none."""
    names = form_names(model)
    others = {name: value for name, value in parameters.items() if name not in names}
    return json.dumps(others, indent=2, ensure_ascii=False) if others else ""


def _said(post: QueryDict, prefix: str) -> Said:
    name, description, tags = (_text(post, f"{prefix}_{part}") for part in ("name", "description", "tags"))
    return Said(name, description, tags)


def _text(post: QueryDict, name: str) -> str:
    """With the line ends of Unix: forms send those of telegraphs."""
    return post.get(name, "").replace("\r\n", "\n").replace("\r", "\n")


def _read_parameters(post: QueryDict, model: Model | None) -> tuple[dict[str, Any], str, list[Problem]]:
    text = post.get("other_parameters", "").strip()
    parameters, problems = _read_others(text)
    raw = read_form(model, post) if model else {}
    raw.pop(SYSTEM_PROMPT, None)
    if model:
        validated = validate(model, raw)
        problems += [Problem(f"parameters.{one.field}", one.message, one.line, one.column) for one in validated.errors]
        raw |= validated.values
    parameters |= raw
    if prompt := _text(post, SYSTEM_PROMPT):
        parameters[SYSTEM_PROMPT] = prompt
    return parameters, text, problems


def _read_others(text: str) -> tuple[dict[str, Any], list[Problem]]:
    if not text:
        return {}, []
    try:
        value = read_json(text[:MAX_FORM_CHARS].encode(errors="replace"))
    except BadJson as error:
        return {}, [Problem("other_parameters", str(error))]
    if not isinstance(value, dict):
        return {}, [Problem("other_parameters", _("Write a JSON object of names and values."))]
    return value, []


def _starters(post: QueryDict) -> Iterator[Starter]:
    for key in post.getlist("message")[: MAX_MESSAGES + 1]:
        images = tuple(_pictures(post, f"message-{key}"))
        yield Starter(post.get(f"message-{key}-role", "user"), _text(post, f"message-{key}-text"), images)


def _pictures(post: QueryDict, prefix: str) -> Iterator[Picture]:
    for key in post.getlist(f"{prefix}-image")[: MAX_MESSAGES + 1]:
        at = f"{prefix}-image-{key}"
        yield Picture(
            sha256=post.get(f"{at}-sha256", ""),
            url=post.get(f"{at}-url", "").strip(),
            name=post.get(f"{at}-name", ""),
            alt=" ".join(post.get(f"{at}-alt", "").split()),
            detail=post.get(f"{at}-detail", "auto"),
        )


def _variables(post: QueryDict) -> Iterator[Variable]:
    for key in post.getlist("variable")[: MAX_VARIABLES + 1]:
        at = f"variable-{key}"
        yield Variable(
            name=post.get(f"{at}-name", "").strip(),
            type=post.get(f"{at}-type", "text"),
            default=_text(post, f"{at}-default"),
            help=post.get(f"{at}-help", "").strip(),
            options=tuple(line.strip() for line in post.get(f"{at}-options", "").splitlines() if line.strip()),
            is_required=f"{at}-required" in post,
        )
