"""A preset's content from what a chat shows: its settings, its messages, the variables that its texts name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playground.catalog.form_schema import validate
from playground.catalog.models import Model
from playground.catalog.specs import specs_of
from playground.chat.errors import InvalidInput
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.tree import Tree
from playground.presets.checking import MAX_MESSAGES
from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.variables import find_names, names_in


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants in the preset beside the settings."""

    has_messages: bool = False  # those that the conversation shows; else those of the preset it is based on
    begun: str = ""  # what stands in the message box, to begin with
    has_new_variables: bool = True  # `{{names}}` that nothing declares yet become variables


@dataclass(frozen=True, slots=True)
class Sketch:
    """What could be saved, for the dialog to ask about."""

    message_count: int = 0
    undeclared: Sequence[str] = field(default_factory=tuple)


def compose(
    *,
    model: Model,
    parameters: Mapping[str, Any],
    base: Content,
    conversation: Conversation | None,
    wishes: Wishes,
) -> Content:
    """Raises InvalidInput when a value is wrong. Up to four queries with the messages of a conversation."""
    checked = validate(model, parameters)
    if checked.errors and (wrong := [one for one in checked.errors if one.field in parameters]):
        raise InvalidInput(wrong)
    # What the preset says of parameters that this model does not have is not this form's to forget.
    known = specs_of(model)
    kept = {name: value for name, value in base.parameters.items() if name not in known}
    messages = _shown_messages(conversation) if wishes.has_messages and conversation else base.messages
    if wishes.begun.strip():
        opening = messages[:-1] if messages and messages[-1].role == "user" else messages
        messages = (*opening, Starter("user", wishes.begun))
    content = Content(model.public_name, {**kept, **checked.values}, tuple(messages), base.variables)
    if not wishes.has_new_variables:
        return content
    new = tuple(Variable(name) for name in _undeclared(content))
    return replace(content, variables=(*content.variables, *new))


def sketch(*, parameters: Mapping[str, Any], base: Content, conversation: Conversation | None, begun: str) -> Sketch:
    """What to ask before saving. One query with a conversation."""
    declared = {one.name for one in base.variables}
    texts = [str(parameters.get("system_prompt", "")), begun, *(one.text for one in base.messages)]
    count = len(Tree.of(conversation).path(conversation.leaf_id)) if conversation else 0
    return Sketch(count, [name for name in find_names(texts) if name not in declared])


def _undeclared(content: Content) -> list[str]:
    declared = {one.name for one in content.variables}
    return [name for name in names_in(content) if name not in declared]


def _shown_messages(conversation: Conversation) -> tuple[Starter, ...]:
    """The messages of the shown path that hold something, the first of them when there are too many."""
    ids = Tree.of(conversation).path(conversation.leaf_id)[:MAX_MESSAGES]
    texts = {
        pk: (role, text) for pk, role, text in Message.objects.filter(pk__in=ids).values_list("id", "role", "text")
    }
    images: dict[int, list[Picture]] = {}
    for one in Attachment.objects.filter(message_id__in=ids).select_related("blob"):
        images.setdefault(one.message_id or 0, []).append(_picture(one))
    starters = (Starter(*texts[pk], tuple(images.get(pk, ()))) for pk in ids if pk in texts)
    return tuple(one for one in starters if one.text.strip() or one.images)


def _picture(attachment: Attachment) -> Picture:
    sha256 = attachment.blob.sha256 if attachment.blob else ""
    return Picture(sha256, "" if sha256 else attachment.url, attachment.name, attachment.alt, attachment.detail)
