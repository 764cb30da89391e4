"""Messages as the OpenAI API has them, of chat completions and of responses, to a system prompt and starter messages.

Shapes: openai/openai-python, `types/chat/chat_completion_message_param.py` and `types/responses/response_input_param.py`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils.translation import gettext as _

from playground.presets.content import Picture, Starter
from playground.presets.transfer.fields import Fields, Notes, as_text
from playground.presets.transfer.imported import MAX_MESSAGES, refuse

SYSTEM_ROLES = ("system", "developer")
TEXT_PARTS = ("text", "input_text", "output_text")
IMAGE_PARTS = ("image_url", "input_image", "image")
DETAILS = ("auto", "low", "high")
MAX_ROWS = 1000  # of which most may be left out
MAX_ADDRESS = 2000  # characters


def read_messages(rows: list[Any], where: str, notes: Notes) -> tuple[str, tuple[Starter, ...]]:
    """The system prompt and the other messages. System messages that stand between others move to the front, noted."""
    if len(rows) > MAX_ROWS:
        refuse(where, _("There are more than %(limit)d messages.") % {"limit": MAX_MESSAGES})
    system: list[str] = []
    starters: list[Starter] = []
    for at, row in enumerate(rows):
        place = f"{where}[{at}]"
        starter = _read_message(Fields(row, place, notes))
        if starter is None:
            continue
        if starter.role == "system":
            if starters and starter.text:
                notes.add(place, _("stood between other messages, and is now part of the system prompt"))
            system.append(starter.text)
        else:
            starters.append(starter)
    if len(starters) > MAX_MESSAGES:
        refuse(where, _("There are more than %(limit)d messages.") % {"limit": MAX_MESSAGES})
    return "\n\n".join(text for text in system if text), tuple(starters)


def _read_message(fields: Fields) -> Starter | None:
    kind = fields.take("type")
    if kind not in (None, "message"):
        fields.notes.add(fields.where, _("is of a type that a preset does not hold: %(type)s") % {"type": short(kind)})
        return None
    role = fields.text("role")
    if role in SYSTEM_ROLES:
        role = "system"
    elif role not in ("user", "assistant"):
        fields.notes.add(fields.where, _("was left out: its role is “%(role)s”") % {"role": short(role)})
        return None
    text, images = read_parts(fields.take("content"), fields.place("content"), fields.notes)
    fields.ignore("id", "status", "object")
    fields.note_rest()
    if images and role != "user":
        fields.note("content", _("only a user message has images: they were left out"))
        images = ()
    if not text and not images and role != "system":
        fields.notes.add(fields.where, _("was left out: it has no text"))
        return None
    return Starter(role, text, images)


def read_parts(value: Any, where: str, notes: Notes) -> tuple[str, tuple[Picture, ...]]:
    """Content: null, a text, or a list of parts. Texts are joined by line breaks."""
    if value is None:
        return "", ()
    if isinstance(value, str):
        return as_text(value, where), ()
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list | tuple):
        refuse(where, _("This must be a text or a list of parts."))
    texts: list[str] = []
    images: list[Picture] = []
    for at, part in enumerate(value):
        place = f"{where}[{at}]"
        if isinstance(part, str):
            texts.append(as_text(part, place))
            continue
        fields = Fields(part, place, notes)
        kind = fields.take("type")
        if kind in TEXT_PARTS or (kind is None and fields.has("text")):
            texts.append(_text_of(fields))
        elif kind in IMAGE_PARTS:
            images += [picture for picture in [_read_image(fields)] if picture]
        else:
            notes.add(place, _("is of a type that a preset does not hold: %(type)s") % {"type": short(kind)})
    return as_text("\n".join(texts), where), tuple(images)


def short(value: Any) -> str:
    """A value of a file as a note may show it."""
    text = value if isinstance(value, str) else str(value)[:200] if isinstance(value, int | float) else "?"
    return text if len(text) <= 60 else f"{text[:59]}…"


def _text_of(fields: Fields) -> str:
    """A plain text, or, in files of the assistants' API, an object with `value`."""
    value = fields.take("text")
    inner = Fields(value, fields.place("text"), fields.notes).text("value") if isinstance(value, dict) else None
    return inner if inner is not None else fields.text("text")


def _read_image(fields: Fields) -> Picture | None:
    value = fields.take("image_url")
    if isinstance(value, dict):
        fields = Fields(value, fields.place("image_url"), fields.notes)
        value = fields.take("url")
    detail = fields.take("detail") or "auto"
    if detail not in DETAILS:
        fields.note("detail", _("is none of auto, low and high: taken as auto"))
        detail = "auto"
    if value is None:
        fields.notes.add(fields.where, _("the image is not in the file, only its id: it was left out"))
        return None
    address = read_address(value, fields.where, fields.notes)
    return Picture(url=address, detail=detail) if address else None


def read_address(value: Any, where: str, notes: Notes) -> str:
    """A data URL of an image, checked to be Base64, or an address on the web; "" with a note for anything else."""
    if not isinstance(value, str):
        refuse(where, _("The address of an image must be a text."))
    if value.startswith("data:image/"):
        _check_data_url(value, where)
        return value
    if value.startswith(("https://", "http://")) and len(value) <= MAX_ADDRESS and not set(value) & set(" \n\t"):
        return value
    notes.add(where, _("“%(address)s” is no address of an image: it was left out") % {"address": short(value)})
    return ""


def _check_data_url(value: str, where: str) -> None:
    head, _comma, encoded = value.partition(",")
    try:
        if not head.endswith(";base64") or not base64.b64decode(encoded, validate=True):
            refuse(where, _("This data URL is not Base64."))
    except (binascii.Error, ValueError) as error:
        if isinstance(error, binascii.Error):
            refuse(where, _("This data URL is not Base64."))
        raise
