"""Reading an exported conversation that may have been made by anybody. See transfer.py for the format."""

from __future__ import annotations

import base64
import binascii
import datetime
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from playground.chat.errors import InvalidInput
from playground.chat.models import Detail, Role
from playground.chat.services.cleaning import MAX_TITLE
from playground.chat.transfer import FORMAT, VERSION
from playground.lib.json_input import BadJson, read_json

MAX_BYTES = 64 * 1024 * 1024
MAX_MESSAGES = 10_000
MAX_IMAGES = 200
MAX_IMAGES_A_MESSAGE = 64
MAX_TEXT = 16 * 1024 * 1024  # characters
MAX_PARAMETERS = 64  # fields
MAX_ID = 64


@dataclass(frozen=True, slots=True)
class ReadImage:
    name: str
    alt: str
    detail: str
    data: bytes  # empty when the image is named by `url`
    url: str
    where: str


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """`parent` and `continues` are positions in the list of messages."""

    role: str
    text: str
    reasoning: str
    is_edited: bool
    created_at: datetime.datetime | None
    parent: int | None
    continues: int | None
    images: list[ReadImage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadConversation:
    title: str
    model: str
    parameters: dict[str, Any]
    shown: int | None
    messages: list[ReadMessage]


def read_conversation(body: bytes) -> ReadConversation:
    """The conversation in an exported file. Raises InvalidInput naming the place, such as `messages[12].parent`."""
    if len(body) > MAX_BYTES:
        _refuse("", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2})
    try:
        value = read_json(body)
    except BadJson as error:
        _refuse("", str(error))
    root = _object(value, "")
    if root.get("format") != FORMAT:
        _refuse("", _("This is not a conversation exported from Playground."))
    if root.get("version") != VERSION or isinstance(root.get("version"), bool):
        _refuse("", _("This version of the format is not known here."))
    head = _object(root.get("conversation"), "conversation")
    rows = _list(root.get("messages"), "messages", MAX_MESSAGES)
    positions = _positions(rows)
    messages = [_message(row, f"messages[{at}]", positions) for at, row in enumerate(rows)]
    if sum(len(message.images) for message in messages) > MAX_IMAGES:
        _refuse("messages", _("There are more than %(limit)d images.") % {"limit": MAX_IMAGES})
    _check_tree(messages)
    parameters = _object(head.get("parameters", {}), "conversation.parameters")
    if len(parameters) > MAX_PARAMETERS:
        _refuse("conversation.parameters", _("There are too many fields."))
    return ReadConversation(
        title=_text(head.get("title", ""), "conversation.title", MAX_TITLE),
        model=_text(head.get("model", ""), "conversation.model", 250),
        parameters=parameters,
        shown=_reference(head.get("shown"), "conversation.shown", positions),
        messages=messages,
    )


def _message(value: Any, where: str, positions: dict[str, int]) -> ReadMessage:
    row = _object(value, where)
    role = row.get("role")
    if role not in Role.values:
        _refuse(f"{where}.role", _("The role must be “user” or “assistant”."))
    images = _list(row.get("images", []), f"{where}.images", MAX_IMAGES_A_MESSAGE)
    if images and role != Role.USER:
        _refuse(f"{where}.images", _("Only a user message has images."))
    return ReadMessage(
        role=role,
        text=_text(row.get("text", ""), f"{where}.text", MAX_TEXT).replace("\r\n", "\n"),
        reasoning=_text(row.get("reasoning", ""), f"{where}.reasoning", MAX_TEXT),
        is_edited=row.get("is_edited") is True,
        created_at=_moment(row.get("created_at"), f"{where}.created_at"),
        parent=_reference(row.get("parent"), f"{where}.parent", positions),
        continues=_reference(row.get("continues"), f"{where}.continues", positions),
        images=[_image(image, f"{where}.images[{at}]") for at, image in enumerate(images)],
    )


def _image(value: Any, where: str) -> ReadImage:
    row = _object(value, where)
    url = row.get("url")
    if not isinstance(url, str) or not url.startswith(("data:image/", "https://", "http://")):
        _refuse(f"{where}.url", _("An image needs a data URL or a web address."))
    detail = row.get("detail", Detail.AUTO)
    if detail not in Detail.values:
        _refuse(f"{where}.detail", _("The detail must be auto, low or high."))
    data = b""
    if url.startswith("data:"):
        head, _comma, encoded = url.partition(",")
        try:
            data = base64.b64decode(encoded if head.endswith(";base64") else "?", validate=True)
        except (binascii.Error, ValueError):
            _refuse(f"{where}.url", _("This is not Base64."))
        url = ""
    return ReadImage(
        name=_text(row.get("name", ""), f"{where}.name", 200),
        alt=_text(row.get("alt", ""), f"{where}.alt", 500),
        detail=detail,
        data=data,
        url=url,
        where=where,
    )


def _positions(rows: list[Any]) -> dict[str, int]:
    """The place of each message by the id that the file gives it. The ids serve only to find each other."""
    positions: dict[str, int] = {}
    for at, row in enumerate(rows):
        name = _object(row, f"messages[{at}]").get("id")
        if not isinstance(name, str) or not 0 < len(name) <= MAX_ID:
            _refuse(f"messages[{at}].id", _("A message needs an id."))
        if name in positions:
            _refuse(f"messages[{at}].id", _("Two messages have the same id."))
        positions[name] = at
    return positions


def _check_tree(messages: list[ReadMessage]) -> None:
    """Every message must hang on a root: no circles. Loops, not recursion: a path may be 10,000 long."""
    is_good = [message.parent is None for message in messages]
    for start in range(len(messages)):
        trail: list[int] = []
        seen: set[int] = set()
        at: int | None = start
        while at is not None and not is_good[at]:
            if at in seen:
                _refuse(f"messages[{start}].parent", _("The messages go round in a circle."))
            seen.add(at)
            trail.append(at)
            at = messages[at].parent
        for one in trail:
            is_good[one] = True
    for at, message in enumerate(messages):
        if message.continues is not None and messages[message.continues].parent != message.parent:
            _refuse(f"messages[{at}].continues", _("An answer can only continue an alternative of itself."))


def _reference(value: Any, where: str, positions: dict[str, int]) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in positions:
        _refuse(where, _("There is no message with this id."))
    return positions[value]


def _moment(value: Any, where: str) -> datetime.datetime | None:
    if value is None:
        return None
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        in_utc = moment.astimezone(datetime.UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        in_utc = None
    if in_utc is None:
        _refuse(where, _("This is not a date and time with its zone."))
    return in_utc


def _text(value: Any, where: str, limit: int) -> str:
    if not isinstance(value, str):
        _refuse(where, _("This must be a text."))
    if len(value) > limit:
        _refuse(where, _("This is longer than %(limit)d characters.") % {"limit": limit})
    return value


def _list(value: Any, where: str, limit: int) -> list[Any]:
    if not isinstance(value, list):
        _refuse(where, _("This must be a list."))
    if len(value) > limit:
        _refuse(where, _("There are more than %(limit)d of them.") % {"limit": limit})
    return value


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(where, _("This must be an object."))
    return value


def _refuse(where: str, message: str) -> NoReturn:
    raise InvalidInput.of("file", f"{where}: {message}" if where else message)
