"""What a preset brings to a request: its variables filled in, and who set which field. Values only, no queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.body import FORMAT_FIELDS, USER
from playground.catalog.models import Model
from playground.chat.errors import InvalidInput
from playground.chat.services.cleaning import MAX_TEXT_BYTES
from playground.presets.content import Content, Starter
from playground.presets.errors import BadVariables
from playground.presets.models import PresetVersion
from playground.presets.variables import PLACE, fill_text, resolve

PRESET = "preset"  # the origin of what a preset set
# Their texts hold variables; every other parameter is sent as it is.
FILLED_PARAMETERS = ("system_prompt",)


@dataclass(frozen=True, slots=True)
class Filling:
    """A preset version, with its preset loaded, and the values of its variables; neither when there is none."""

    version: PresetVersion | None = None
    content: Content = field(default_factory=Content)
    given: Mapping[str, str] = field(default_factory=dict)  # as typed, without the empty ones
    values: Mapping[str, str] = field(default_factory=dict)  # of every declared variable, defaults included

    def text(self, text: str) -> str:
        """`text` with the declared variables replaced, in one pass. Raises InvalidInput when that grows too long."""
        if not self.values or "{{" not in text:
            return text
        grown = sum(len(self.values.get(match[1], "")) for match in PLACE.finditer(text))
        if len(text) + grown > MAX_TEXT_BYTES:  # a long value in thousands of places
            raise InvalidInput.of("text", _("With its variables filled in, the text is longer than 16 MB."))
        return fill_text(text, self.values)

    def parameters(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """`parameters` with the variables of their texts replaced. Raises InvalidInput."""
        filled = dict(parameters)
        for name in FILLED_PARAMETERS:
            if isinstance(filled.get(name), str):
                filled[name] = self.text(filled[name])
        return filled

    def origins(self, model: Model, values: Mapping[str, Any]) -> dict[str, str]:
        """Who set what of the form `values`: the preset where they are its own, else the person."""
        if self.version is None:
            return {}
        theirs = self.content.parameters
        origins = {name: PRESET if _is_same(theirs, values, [name]) else USER for name in values}
        if "response_format" in values:
            origins["response_format"] = PRESET if _is_same(theirs, values, sorted(FORMAT_FIELDS)) else USER
        return {**origins, "model": PRESET if self.content.model == model.public_name else USER}

    def facts(self) -> dict[str, Any]:
        """What the receipt keeps: the version may be out of sight or gone when it is read."""
        if self.version is None:
            return {}
        preset = self.version.preset
        named = {"slug": preset.slug, "number": self.version.number, "label": self.version.label, "name": preset.name}
        return {PRESET: named, "variables": dict(self.values)}

    @property
    def starters(self) -> Sequence[Starter]:
        return opening_messages(self.content)


NOTHING = Filling()


def fill_with(version: PresetVersion | None, variables: Mapping[str, str] | None = None) -> Filling:
    """The filling of `version` with `variables`, those it does not declare left aside.

    Raises InvalidInput that names each variable that is missing or of the wrong type.
    """
    if version is None:
        return NOTHING
    content = version.content
    given = given_of(content, variables or {})
    try:
        values = resolve(content.variables, given)
    except BadVariables as error:
        raise InvalidInput(error.errors) from None
    return Filling(version, content, given, values)


def fill_loosely(version: PresetVersion | None, variables: Mapping[str, str]) -> Filling:
    """Like `fill_with`, with whatever is there already: for figures while somebody types."""
    if version is None:
        return NOTHING
    content = version.content
    given = given_of(content, variables)
    return Filling(version, content, given, {one.name: given.get(one.name, one.default) for one in content.variables})


def given_of(content: Content, variables: Mapping[str, str]) -> dict[str, str]:
    """The values that were typed, of declared variables only."""
    return {one.name: variables[one.name] for one in content.variables if variables.get(one.name)}


def opening_messages(content: Content) -> Sequence[Starter]:
    """The starters that a new conversation begins with: all but a last one of the user."""
    is_begun = bool(content.messages) and content.messages[-1].role == "user"
    return content.messages[:-1] if is_begun else content.messages


def begun_message(content: Content) -> Starter | None:
    """What the composer begins with: the last starter, when it is the user's."""
    return content.messages[-1] if content.messages and content.messages[-1].role == "user" else None


def _is_same(theirs: Mapping[str, Any], values: Mapping[str, Any], names: Sequence[str]) -> bool:
    return all(theirs.get(name) == values.get(name) for name in names)
