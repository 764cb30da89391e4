"""What the buttons inside the editor do to what stands in it. Nothing of this is saved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.catalog.form_schema import carry_over
from playground.presets.checking import MAX_MESSAGES, MAX_VARIABLES
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.edited import Edited, find_model, others_text

if TYPE_CHECKING:
    from playground.accounts.models import User

_DEED = re.compile(r"([a-z-]+?)(?:-(\d{1,3}))?(?:-(\d{1,3}))?")


def rearrange(user: User, edited: Edited, deed: str) -> tuple[Edited, str]:
    """What `deed` ("message-add", "message-up-2", ...) makes of it, and the id of the control that gets the focus.

    One that is unknown or names nothing changes nothing.
    """
    match = _DEED.fullmatch(deed)
    if match is None:
        return edited, ""
    name, first, second = match[1], int(match[2] or 0), int(match[3] or 0)
    if name == "model":
        return _other_model(user, edited), "preset-model"
    content, focus = _deed(edited.content, name, first, second)
    literal = edited.literal
    if name == "variable-remove" and content != edited.content:
        literal |= {edited.content.variables[first].name}
    elif name == "variable-find":
        literal = frozenset()
    return replace(edited, content=content, literal=literal), focus


def add_picture(edited: Edited, place: int, picture: Picture) -> Edited:
    """With `picture` last in the message at `place`; IndexError when there is none."""
    starter = edited.content.messages[place]
    changed = replace(starter, images=(*starter.images, picture))
    return replace(edited, content=_with_message(edited.content, place, changed))


def _deed(content: Content, name: str, first: int, second: int) -> tuple[Content, str]:  # noqa: PLR0911 - one for each
    messages, variables = content.messages, content.variables
    if name == "message-add" and len(messages) < MAX_MESSAGES:
        role = "assistant" if messages and messages[-1].role == "user" else "user"
        return replace(content, messages=(*messages, Starter(role, ""))), f"message-{len(messages)}-text"
    if name == "variable-add" and len(variables) < MAX_VARIABLES:
        return replace(content, variables=(*variables, Variable(""))), f"variable-{len(variables)}-name"
    if name == "message-remove" and first < len(messages):
        return replace(content, messages=messages[:first] + messages[first + 1 :]), "message-add"
    if name == "variable-remove" and first < len(variables):
        return replace(content, variables=variables[:first] + variables[first + 1 :]), "variable-add"
    if name == "message-up" and 0 < first < len(messages):
        return _swapped(content, first - 1), f"message-{first - 1}-text"
    if name == "message-down" and first < len(messages) - 1:
        return _swapped(content, first), f"message-{first + 1}-text"
    if name == "image-remove" and first < len(messages) and second < len(messages[first].images):
        images = messages[first].images
        changed = replace(messages[first], images=images[:second] + images[second + 1 :])
        return _with_message(content, first, changed), f"message-{first}-text"
    return content, "variable-add" if name == "variable-find" else ""


def _swapped(content: Content, place: int) -> Content:
    """With the messages at `place` and behind it changed over."""
    messages = list(content.messages)
    messages[place], messages[place + 1] = messages[place + 1], messages[place]
    return replace(content, messages=tuple(messages))


def _with_message(content: Content, place: int, starter: Starter) -> Content:
    messages = list(content.messages)
    messages[place] = starter
    return replace(content, messages=tuple(messages))


def _other_model(user: User, edited: Edited) -> Edited:
    """The form of the model that was chosen. What that has no control for stands among the other parameters."""
    model = find_model(user, edited.content.model)
    if any(problem.field == "other_parameters" for problem in edited.problems):
        return replace(edited, model=model)  # what cannot be read stays as it was typed
    parameters = dict(edited.content.parameters)
    if model is not None:
        parameters |= carry_over(parameters, model)[0]
    content = replace(edited.content, parameters=parameters)
    return replace(edited, model=model, content=content, others=others_text(model, parameters), problems=())
