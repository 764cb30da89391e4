"""What the page shows of presets: the select, the chosen version, the form of its variables, its starter messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.models import Role
from playground.chat.services.filling import begun_message, opening_messages
from playground.lib.markdown import render
from playground.presets.content import Content, Picture, Variable
from playground.presets.lookup import picker
from playground.presets.models import Preset, PresetImage, PresetVersion
from playground.presets.variables import field_name

# In the select and the quick list. The list searches them all, and /presets/ shows them all.
MOST_OPTIONS = 100
MOST_FOUND = 30


@dataclass(frozen=True, slots=True)
class PresetOption:
    value: str  # "slug@3"
    label: str
    note: str  # the number of its newest version
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class PresetGroup:
    label: str
    options: Sequence[PresetOption]


@dataclass(frozen=True, slots=True)
class ShownPreset:
    """The chosen version."""

    value: str  # "slug@3"
    slug: str
    name: str
    number: int
    label: str
    newest: int  # of the newest version; `number` when this is it

    @property
    def url(self) -> str:
        return version_url(self.slug, self.number)

    @property
    def has_update(self) -> bool:
        return self.newest > self.number

    @property
    def newest_value(self) -> str:
        return f"{self.slug}@{self.newest}"


@dataclass(frozen=True, slots=True)
class ShownVariable:
    variable: Variable
    field: str  # its form field
    value: str

    @property
    def is_on(self) -> bool:
        """Of a boolean."""
        return (self.value or self.variable.default) == "true"

    @property
    def is_missing(self) -> bool:
        """Nothing can be sent without it."""
        one = self.variable
        return one.is_required and one.type != "boolean" and not (self.value or one.default).strip()


@dataclass(frozen=True, slots=True)
class ShownStarter:
    role: str
    author: str
    html: str  # rendered and sanitised
    images: Sequence[tuple[Picture, str]]  # with the address to show it from; empty for one that is elsewhere


@dataclass(frozen=True, slots=True)
class PresetPanel:
    groups: Sequence[PresetGroup]
    chosen: ShownPreset | None
    values: str = "{}"  # JSON: {"model": name, "fields": {name: [text, ...]}}, to compare the form with
    variables: Sequence[ShownVariable] = ()
    starters: Sequence[ShownStarter] = ()  # of a new chat only
    begun: str = ""  # what the composer of a new chat begins with
    lost: str = ""  # the name of a preset that the conversation had, and that is out of reach by now
    is_new: bool = True

    @property
    def has_open_variables(self) -> bool:
        """They are to be filled in now; in a conversation that went on they make room."""
        return self.is_new or any(one.is_missing for one in self.variables)

    @property
    def quick(self) -> Sequence[PresetOption]:
        """What the quick list begins with."""
        return [option for group in self.groups for option in group.options][:MOST_FOUND]


def version_url(slug: str, number: int) -> str:
    """The page of a version."""
    return reverse("preset_version", args=[slug, number])


def show_presets(
    user: User,
    version: PresetVersion | None,
    variables: Mapping[str, str],
    *,
    is_new: bool,
    model_name: str = "",
    lost: str = "",
) -> PresetPanel:
    """One query, and up to two for a chosen version that is not the newest or has images in its starters.

    `is_new`: the starters are still to come, for they begin a conversation.
    """
    presets = picker(user)[:MOST_OPTIONS]
    chosen = _chosen(version, presets) if version else None
    content = version.content if version else Content()
    begun = begun_message(content)
    return PresetPanel(
        groups=_groups(user, presets, chosen, version),
        chosen=chosen,
        values=_values(content) if version else "{}",
        variables=[ShownVariable(one, field_name(one.name), variables.get(one.name, "")) for one in content.variables],
        starters=_starters(version, content, model_name) if version and is_new else (),
        begun=begun.text if begun and is_new else "",
        lost=lost,
        is_new=is_new,
    )


def find_options(user: User, query: str) -> list[PresetOption]:
    """Presets whose name or tags have every word of `query`, the starred and much used ones first. One query."""
    rows = Preset.objects.visible_to(user).filter(latest__isnull=False).with_star_of(user).select_related("latest")
    for word in query.casefold().split()[:10]:
        rows = rows.filter(search_text__contains=word)
    rows = rows.defer("latest__content_json").order_by(F("is_starred").desc(), "-use_count", "name", "pk")
    return [option_of(preset) for preset in rows[:MOST_FOUND]]


def option_of(preset: Preset) -> PresetOption:
    number = preset.latest.number if preset.latest else 0
    return PresetOption(f"{preset.slug}@{number}", preset.name, f"@{number}")


def _chosen(version: PresetVersion, presets: Sequence[Preset]) -> ShownPreset:
    preset = next((one for one in presets if one.pk == version.preset_id), version.preset)
    newest = version if preset.latest_id == version.pk else preset.latest
    return ShownPreset(
        version.name, preset.slug, preset.name, version.number, version.label, newest.number if newest else 0
    )


def _groups(
    user: User, presets: Sequence[Preset], chosen: ShownPreset | None, version: PresetVersion | None
) -> list[PresetGroup]:
    """Starred, mine, shared; the chosen version stands in the place of its preset's newest one."""
    labels = {"starred": _("Starred"), "mine": _("Mine"), "shared": _("Shared")}
    members: dict[str, list[PresetOption]] = {key: [] for key in labels}
    shown = list(presets)
    if version is not None and all(one.pk != version.preset_id for one in presets):
        shown.append(version.preset)
    for preset in shown:
        is_starred = getattr(preset, "is_starred", False)
        key = "starred" if is_starred else "mine" if preset.owner_id == user.pk else "shared"
        if chosen is not None and preset.slug == chosen.slug:
            members[key].append(PresetOption(chosen.value, chosen.name, f"@{chosen.number}", is_selected=True))
        else:
            members[key].append(option_of(preset))
    return [PresetGroup(labels[key], options) for key, options in members.items() if options]


def _values(content: Content) -> str:
    fields = {name: _texts(value) for name, value in content.parameters.items()}
    return json.dumps({"model": content.model, "fields": fields}, ensure_ascii=False)


def _texts(value: Any) -> list[str]:
    """A value as the texts that the form's controls hold."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return [value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)]


def _starters(version: PresetVersion, content: Content, model_name: str) -> list[ShownStarter]:
    starters = opening_messages(content)
    addresses: dict[str, str] = {}
    if any(image.sha256 for starter in starters for image in starter.images):
        rows = PresetImage.objects.filter(version=version).values_list("blob__sha256", "uuid")
        addresses = {sha256: reverse("preset_image", args=[uuid]) for sha256, uuid in rows}
    return [
        ShownStarter(
            role=starter.role,
            author=_("You") if starter.role == Role.USER else model_name or _("Assistant"),
            html=render(starter.text),
            images=[(image, addresses.get(image.sha256, "")) for image in starter.images],
        )
        for starter in starters
    ]
