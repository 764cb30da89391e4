"""A preset and a version as plain values for their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.presets.comparing import shown, title_of
from playground.presets.content import Starter, Variable
from playground.presets.edited import find_model
from playground.presets.flags import ModelState, states_of, unknown_parameters
from playground.presets.models import Grant, Preset, PresetVersion
from playground.presets.pictures import ShownPicture, pictures_of, shown_pictures
from playground.presets.variables import SYSTEM_PROMPT

if TYPE_CHECKING:
    from playground.accounts.models import User

MOST_VERSIONS = 200  # on the page of a preset


@dataclass(frozen=True, slots=True)
class ShownParameter:
    name: str
    title: str
    value: str
    is_unknown: bool  # the model's form does not have it


@dataclass(frozen=True, slots=True)
class ShownStarter:
    starter: Starter
    images: tuple[ShownPicture, ...]
    is_begin: bool  # a last one of the user: what the composer begins with


@dataclass(frozen=True, slots=True)
class VersionPage:
    version: PresetVersion
    preset: Preset
    is_newest: bool
    may_edit: bool
    model: ModelState
    parameters: tuple[ShownParameter, ...]
    system_prompt: str
    messages: tuple[ShownStarter, ...]
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class PresetPage:
    preset: Preset  # with is_starred
    newest: VersionPage | None
    versions: tuple[PresetVersion, ...]  # newest first, with their authors
    has_more_versions: bool
    is_owner: bool
    may_edit: bool
    grants: tuple[Grant, ...]  # for its owner alone
    origin: PresetVersion | None  # what it was forked from, when that may be seen
    fork_count: int  # of those that may be seen

    @property
    def numbers(self) -> list[int]:
        return [version.number for version in self.versions]


def show_preset(user: User, preset: Preset) -> PresetPage:
    """The page of one that `user` may use, read with its owner and newest version. Ten queries at most."""
    is_owner = preset.owner_id == user.pk
    versions = list(preset.versions.select_related("author").defer("content_json")[: MOST_VERSIONS + 1])
    for version in versions:
        version.preset = preset
    may_edit = is_owner or Preset.objects.editable_by(user).filter(pk=preset.pk).exists()
    grants = preset.grants.select_related("user").order_by("user__username") if is_owner else ()
    forks = Preset.objects.visible_to(user).filter(forked_from__preset=preset)
    if preset.latest:
        preset.latest.preset = preset
    return PresetPage(
        preset=preset,
        newest=show_version(user, preset.latest, may_edit=may_edit) if preset.latest else None,
        versions=tuple(versions[:MOST_VERSIONS]),
        has_more_versions=len(versions) > MOST_VERSIONS,
        is_owner=is_owner,
        may_edit=may_edit,
        grants=tuple(grants),
        origin=_origin(user, preset),
        fork_count=forks.count(),
    )


def _origin(user: User, preset: Preset) -> PresetVersion | None:
    """What it was forked from, if `user` may see that."""
    if preset.forked_from_id is None:
        return None
    rows = PresetVersion.objects.visible_to(user).select_related("preset")
    return rows.filter(pk=preset.forked_from_id).first()


def show_version(user: User, version: PresetVersion, *, may_edit: bool | None = None) -> VersionPage:
    """The page of a version of a preset that `user` may use, read with its preset. Five queries at most."""
    content, preset = version.content, version.preset
    unknown = set(unknown_parameters(find_model(user, content.model), content))
    images = pictures_of(version)
    last = len(content.messages) - 1
    if may_edit is None:
        may_edit = Preset.objects.editable_by(user).filter(pk=preset.pk).exists()
    return VersionPage(
        version=version,
        preset=preset,
        is_newest=version.pk == preset.latest_id,
        may_edit=may_edit,
        model=states_of(user, [content.model])[content.model],
        parameters=tuple(
            ShownParameter(name, title_of(name), shown(value), name in unknown)
            for name, value in content.parameters.items()
            if name != SYSTEM_PROMPT
        ),
        system_prompt=str(content.parameters.get(SYSTEM_PROMPT, "")),
        messages=tuple(
            ShownStarter(one, shown_pictures(one.images, images), place == last and one.role == "user")
            for place, one in enumerate(content.messages)
        ),
        variables=content.variables,
    )
