"""Two versions side by side: field by field, texts word by word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.schemas import shipped_title
from playground.lib.differences import Piece, words
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.variables import SYSTEM_PROMPT

WITHOUT = ""  # stands for what a version does not have


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `pieces` is a text word by word, ; else both values."""

    title: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


def compare(before: Content, after: Content) -> list[Difference]:
    """Every field that differs, in the order in which a version shows them; empty when they say the same."""
    return [
        one
        for one in (*_plain(before, after), *_messages(before, after), *_variables(before, after))
        if one.before != one.after
    ]


def shown(value: Any) -> str:
    """A parameter's value as people read it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2 if isinstance(value, dict) else None, ensure_ascii=False)


def title_of(parameter: str) -> str:
    return shipped_title(parameter)


def _plain(before: Content, after: Content) -> Iterator[Difference]:
    yield Difference(_("Model"), before.model, after.model)
    names = dict.fromkeys([*before.parameters, *after.parameters])
    if SYSTEM_PROMPT in names:
        yield _text(title_of(SYSTEM_PROMPT), _value(before, SYSTEM_PROMPT), _value(after, SYSTEM_PROMPT))
    for name in names:
        if name != SYSTEM_PROMPT:
            yield Difference(title_of(name), _value(before, name), _value(after, name))


def _value(content: Content, name: str) -> str:
    return shown(content.parameters[name]) if name in content.parameters else WITHOUT


def _messages(before: Content, after: Content) -> Iterator[Difference]:
    """By their places: what was put in between shows as changes of all that follow."""
    for place, (old, new) in enumerate(zip_longest(before.messages, after.messages), start=1):
        facts = {"number": place}
        yield Difference(_("Message %(number)s, role") % facts, _role(old), _role(new))
        yield _text(_("Message %(number)s") % facts, old.text if old else WITHOUT, new.text if new else WITHOUT)
        yield Difference(_("Message %(number)s, images") % facts, _pictures(old), _pictures(new))


def _variables(before: Content, after: Content) -> Iterator[Difference]:
    old, new = _by_name(before.variables), _by_name(after.variables)
    for name in dict.fromkeys([*old, *new]):
        title = _("Variable %(name)s") % {"name": name}
        yield Difference(title, _said(old.get(name)), _said(new.get(name)))


def _text(title: str, before: str, after: str) -> Difference:
    pieces = words(before, after) if before and after and before != after else ()
    return Difference(title, before, after, tuple(pieces))


def _role(starter: Starter | None) -> str:
    roles = {"user": _("User"), "assistant": _("Assistant")}
    return roles.get(starter.role, starter.role) if starter else WITHOUT


def _pictures(starter: Starter | None) -> str:
    return "\n".join(map(_picture, starter.images)) if starter else WITHOUT


def _picture(picture: Picture) -> str:
    name = picture.url or f"{picture.name or _('image')} ({picture.sha256[:8]})"
    return " · ".join(part for part in (name, picture.alt, picture.detail) if part)


def _by_name(variables: Sequence[Variable]) -> dict[str, Variable]:
    return {variable.name: variable for variable in variables}


def _said(variable: Variable | None) -> str:
    if variable is None:
        return WITHOUT
    needed = _("required") if variable.is_required else _("optional")
    lines = [f"{variable.type}, {needed}", variable.default and _("default: %(text)s") % {"text": variable.default}]
    lines += [variable.help, ", ".join(variable.options)]
    return "\n".join(line for line in lines if line)
