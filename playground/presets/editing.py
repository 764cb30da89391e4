"""The editor of presets as a page: filled, never saved by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from playground.catalog.form_schema import InspectorForm, Option, build_form
from playground.catalog.models import Model
from playground.catalog.problems import Problem
from playground.catalog.selection import default_model_for
from playground.presets.comparing import Difference, compare
from playground.presets.content import VARIABLE_TYPES, Content, Starter, Variable
from playground.presets.edited import Edited, Said, edited_of, form_names
from playground.presets.errors import Conflict
from playground.presets.models import Preset, PresetVersion
from playground.presets.pictures import ShownPicture, allow, hashes_in, pictures_for, shown_pictures
from playground.presets.variables import SYSTEM_PROMPT, names_in

if TYPE_CHECKING:
    from playground.accounts.models import User


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One provider's models in the select."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    starter: Starter
    images: tuple[ShownPicture, ...]
    problems: tuple[Problem, ...]
    is_begin: bool  # a last one of the user: what the composer begins with


@dataclass(frozen=True, slots=True)
class ShownVariable:
    variable: Variable
    options: str  # one a line
    is_used: bool  # its name stands in the texts
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """What somebody else saved meanwhile, and how it differs from what stands in the editor."""

    theirs: PresetVersion
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Everything the template shows. `form` is None when the model has none to show: none is named, or it is gone."""

    preset: Preset | None
    edited: Edited
    form: InspectorForm | None
    choices: tuple[ModelChoice, ...]
    lost_model: str  # the name of a model that is not here any more
    system_prompt: str
    messages: tuple[ShownMessage, ...]
    variables: tuple[ShownVariable, ...]
    variable_types: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]  # those of no field
    by_field: Mapping[str, str]
    notes: tuple[str, ...] = ()  # what an import did not understand
    clash: Clash | None = None
    focus: str = ""  # the id of the control that gets the focus

    @property
    def all_problems(self) -> list[str]:
        return list(dict.fromkeys(self.by_field.values()))


def open_editor(
    request: HttpRequest, content: Content, *, name: str = "", notes: Sequence[str] = (), description: str = ""
) -> HttpResponse:
    """The editor of a new preset, filled with `content` and not saved. Names in texts that it does not declare are listed.

    Its stored images must be such as the person may see: they are allowed to save them from here on. No size is checked
    before it is saved.
    """
    user = cast("User", request.user)
    allow(owner=user, content=content)
    edited = edited_of(user, content, Said(name, description))
    edited = replace(edited, literal=frozenset()).with_found_variables()
    return render_editor(request, build_page(user, None, edited, notes=notes))


def render_editor(request: HttpRequest, page: EditorPage, *, is_fragment: bool = False) -> HttpResponse:
    """The whole page, or what stands in it for htmx; 422 when something is to be mended."""
    template = "presets/_editor.html" if is_fragment else "presets/editor.html"
    has_problems = bool(page.problems or page.by_field or page.clash)
    return render(request, template, {"page": page}, status=422 if has_problems and not is_fragment else 200)


def build_page(
    user: User,
    preset: Preset | None,
    edited: Edited,
    *,
    problems: Iterable[Problem] = (),
    notes: Sequence[str] = (),
    conflict: Conflict | None = None,
    focus: str = "",
) -> EditorPage:
    """What the editor shows. Five queries at most."""
    content, found = edited.content, (*edited.problems, *problems)
    models = list(Model.objects.visible_to(user).select_related("provider").defer("card", "description"))
    pictures = pictures_for(user, hashes_in(content))
    used = set(names_in(content))
    return EditorPage(
        preset=preset,
        edited=edited,
        form=_form(edited, found, models),
        choices=_choices(models, content.model),
        lost_model=content.model if content.model and content.model not in _names(models) else "",
        system_prompt=str(content.parameters.get(SYSTEM_PROMPT, "")),
        messages=_messages(content, pictures, found),
        variables=tuple(
            ShownVariable(one, "\n".join(one.options), one.name in used, _under(found, f"variables.{place}"))
            for place, one in enumerate(content.variables)
        ),
        variable_types=tuple(zip(VARIABLE_TYPES, _type_names(), strict=True)),
        problems=tuple(one for one in found if one.field in {"content", "parameters", "messages", "variables"}),
        by_field={one.field: one.message for one in found},
        notes=tuple(notes),
        clash=_clash(conflict, content),
        focus=focus,
    )


def first_content(user: User) -> Content:
    """What a new preset begins as: the person's usual model and nothing set. One query."""
    model = default_model_for(user)
    return Content(model=model.public_name if model else "")


def _form(edited: Edited, problems: Iterable[Problem], models: list[Model]) -> InspectorForm | None:
    if edited.model is None:
        return None
    names = form_names(edited.model)
    values = {name: value for name, value in edited.content.parameters.items() if name in names}
    prefix = "parameters."
    errors = [replace(one, field=one.field.removeprefix(prefix)) for one in problems if one.field.startswith(prefix)]
    return build_form(edited.model, values, errors, models=models)


def _choices(models: Iterable[Model], chosen: str) -> tuple[ModelChoice, ...]:
    by_provider: dict[str, list[Option]] = {}
    for model in models:
        label = _("%(model)s (retired)") % {"model": model.public_name} if model.is_retired() else model.public_name
        option = Option(model.public_name, label, model.public_name == chosen)
        by_provider.setdefault(model.provider.name, []).append(option)
    return tuple(ModelChoice(name, tuple(options)) for name, options in by_provider.items())


def _names(models: Iterable[Model]) -> set[str]:
    return {model.public_name for model in models}


def _messages(
    content: Content, pictures: Mapping[str, ShownPicture], problems: Sequence[Problem]
) -> tuple[ShownMessage, ...]:
    last = len(content.messages) - 1
    return tuple(
        ShownMessage(
            starter,
            shown_pictures(starter.images, pictures),
            _under(problems, f"messages.{place}"),
            is_begin=place == last and starter.role == "user",
        )
        for place, starter in enumerate(content.messages)
    )


def _under(problems: Iterable[Problem], field: str) -> tuple[Problem, ...]:
    return tuple(one for one in problems if one.field == field or one.field.startswith(f"{field}."))


def _clash(conflict: Conflict | None, mine: Content) -> Clash | None:
    if conflict is None:
        return None
    return Clash(conflict.theirs, tuple(compare(conflict.theirs.content, mine)))


def _type_names() -> tuple[str, ...]:
    return (_("Text, one line"), _("Text, several lines"), _("Number"), _("Choice"), _("Yes or no"))
