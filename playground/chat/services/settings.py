"""What a message is answered with: what the page sent, else what the message was made with, else the conversation's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.accounts.models import User
from playground.chat.models import Conversation, Draft, Face, Message
from playground.chat.services.filling import NOTHING, PRESET, Filling, fill_with
from playground.presets.lookup import find_version
from playground.presets.models import Preset, PresetVersion


@dataclass(frozen=True, slots=True)
class Settings:
    """Not yet checked. `parameters` are form values, their variables not filled in."""

    model_name: str
    parameters: Mapping[str, Any]
    preset: PresetVersion | None = None  # with its preset loaded
    variables: Mapping[str, str] = field(default_factory=dict)

    def filling(self) -> Filling:
        """Raises InvalidInput that names each missing variable."""
        return fill_with(self.preset, self.variables) if self.preset else NOTHING


def settings_for(owner: User, message: Message, sent: Settings) -> Settings:
    """What to answer `message` with: `sent`, unless it names no model. No query but for a preset that was not sent: one.

    A column of a comparison answers with the settings that it has now, whatever the answer before was made with.
    """
    if sent.model_name:
        return sent
    if message.run is not None and message.conversation.face != Face.COMPARE:
        return _of_receipt(owner, message.run.model_name, message.run.receipt)
    return settings_of(owner, message.conversation)


def settings_of(owner: User, conversation: Conversation) -> Settings:
    """Those that `conversation` was left with; a preset that is out of reach by now has only left its values."""
    version = usable_version(owner, conversation.preset_id)
    return Settings(conversation.model_name, conversation.parameters, version, conversation.variables)


def shown_settings(
    user: User, conversation: Conversation | None, draft: Draft | None, asked: Settings | None
) -> tuple[Settings, str]:
    """What the form shows, and the name of a preset that stood there and is out of reach by now, if there is one.

    What was asked for stands before what was left unsent, that before the conversation's. Up to two queries with a preset.
    """
    if asked is not None:
        return asked, ""
    if draft is not None and draft.settings:
        return _of_draft(user, draft.settings)
    if conversation is None:
        return Settings("", user.default_parameters), ""
    settings = settings_of(user, conversation)
    if conversation.preset_id is not None and settings.preset is None:
        return settings, _name_of(conversation.preset_id)
    return settings, ""


def _of_draft(user: User, kept: Mapping[str, Any]) -> tuple[Settings, str]:
    name = kept.get("preset", "")
    version = version_named(user, name) if name else None
    settings = Settings(kept.get("model", ""), kept.get("parameters", {}), version, kept.get("variables", {}))
    return settings, name if name and version is None else ""


def _name_of(pk: int) -> str:
    version = PresetVersion.objects.select_related("preset").filter(pk=pk).first()
    return version.name if version else ""


def _of_receipt(owner: User, model_name: str, receipt: Mapping[str, Any]) -> Settings:
    """As the run was asked for; with what it really sent where its preset is out of reach by now."""
    values: dict[str, Any] = receipt.get("values", {})
    named = receipt.get(PRESET)
    version = version_named(owner, f"{named['slug']}@{named['number']}") if named else None
    if version is None:
        return Settings(model_name, values)
    return Settings(model_name, values | receipt.get("template", {}), version, receipt.get("variables", {}))


def version_named(owner: User, name: str) -> PresetVersion | None:
    """The version with this name, "slug@number", if `owner` may use it. One query."""
    try:
        return find_version(owner, name)
    except PresetVersion.DoesNotExist:
        return None


def usable_version(owner: User, pk: int | None) -> PresetVersion | None:
    """The version `pk` with its preset, if `owner` may use it. One query, none without `pk`."""
    if pk is None:
        return None
    usable = PresetVersion.objects.filter(preset__in=Preset.objects.visible_to(owner))
    return usable.select_related("preset").filter(pk=pk).first()
