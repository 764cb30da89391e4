"""What a snapshot holds: plain JSON, by an allow-list, and the images beside it.

    {"version": 1, "kind": KIND, "texts": [Markdown, ...], ...}

A conversation or an answer:
    "model": public name, "messages": [MESSAGE, ...], "system_prompt"?: text, "settings"?: {field: value}
A preset:
    "number", "model", "description", "parameters": {field: value}, "messages": [MESSAGE, ...], "variables": [...], "system_prompt"?
A comparison:
    "columns": [{"label", "model", "preset", "differences": [[field, text], ...], "system_prompt"?, "settings"?,
                 "messages": [MESSAGE, ...]}, ...]
A sweep:
    "model"?: unless it is varied, "settings"?, "system_prompt"?, "messages": [the prompt],
    "plan": {"axes": [{"field", "values"}, ...], "inputs": [{name: text}, ...], "checks": [{"kind", "value"}, ...], "repeats", "preset"},
    "squares": [SQUARE, ...] in the order of plan.places(); the values of an axis are numbers where they are system prompts left out
SQUARE is {"figures": as sweeps.figures has them, "answers": [{"repeat", "state", "message": MESSAGE or null, "checks": [true, false or null]}]}

MESSAGE is {"role", "author", "text": number in texts, "thinking", "is_edited", "at", "images": [IMAGE, ...],
"omitted_images", "run": RUN or null, "verdict": "best", "tie" or ""}; IMAGE is {"number", "alt", "width", "height", "detail"} or {"url", "alt", "detail"};
RUN is {"status", "finish_reason"} and, with the receipts, the figures and {"receipt": {"sent", "left_out", "preset"}}.

No uuid of anything, no name or address of anybody, no file name, no error text of a provider is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from playground.images.models import Blob
from playground.shares.errors import TooLarge

VERSION = 1
MAX_MESSAGES = 1000
MAX_CHARACTERS = 8_000_000  # of all texts; each visit reads them
MAX_HTML = 24_000_000  # characters of what they are rendered to, which each visitor is sent
MAX_IMAGES = 500

Json = dict[str, Any]
Parts = Collection[str]  # of models.Part


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a snapshot, and where its owner sees it before there is a link."""

    blob: Blob
    url: str
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    content: Json
    html: list[str]  # of its texts, rendered and sanitised
    pictures: list[Picture] = field(default_factory=list)  # image n is pictures[n - 1]

    @property
    def mark(self) -> str:
        """Of two snapshots that show the same, and of no others."""
        shown = json.dumps([self.content, [one.blob.sha256 for one in self.pictures]], sort_keys=True)
        return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


class Collector:
    """Gathers the texts and images of one snapshot. Raises TooLarge when there are more than a link may hold."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.html: list[str] = []
        self.pictures: list[Picture] = []
        self._characters = self._html = 0

    def text(self, text: str, html: str) -> int:
        """The number of `text`, which is rendered as `html`."""
        self.count(text)
        if len(self.texts) >= MAX_MESSAGES:
            raise TooLarge(
                _("A link holds %(limit)d messages at most. Share a single answer.") % {"limit": MAX_MESSAGES}
            )
        self._html += len(html)
        if self._html > MAX_HTML:
            raise TooLarge(_("A link would be too large with all of this. Share a single answer."))
        self.texts.append(text)
        self.html.append(html)
        return len(self.texts) - 1

    def count(self, text: str) -> str:
        """`text`, when there is room for it."""
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            reason = _("A link holds %(limit)d million characters at most. Share a single answer.")
            raise TooLarge(reason % {"limit": MAX_CHARACTERS // 1_000_000})
        return text

    def picture(self, picture: Picture) -> int:
        """The number of an image, from 1. The same image twice is one."""
        for number, one in enumerate(self.pictures, 1):
            if one.blob.pk == picture.blob.pk:
                return number
        if len(self.pictures) >= MAX_IMAGES:
            raise TooLarge(_("A link holds %(limit)d images at most.") % {"limit": MAX_IMAGES})
        self.pictures.append(picture)
        return len(self.pictures)

    def snapshot(self, kind: str, **content: Any) -> Snapshot:
        # Through JSON once, so that what was just taken and what comes back from the database are the same values.
        whole = {"version": VERSION, "kind": kind, "texts": self.texts, **content}
        return Snapshot(json.loads(json.dumps(whole)), self.html, self.pictures)
