"""The files that are understood: each module has `recognises(data)` and `read(data)`, pure functions on JSON values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.presets.transfer.formats import langfuse, librechat, openai, openwebui, own
from playground.presets.transfer.imported import Imported


@dataclass(frozen=True, slots=True)
class Format:
    key: str
    title: str | Promise
    recognises: Callable[[Any], bool]
    read: Callable[[Any], list[Imported]]


# In the order in which they are tried: the most particular marks first.
FORMATS = (
    Format("playground", _("Playground presets"), own.recognises, own.read),
    Format("langfuse", _("Langfuse prompts"), langfuse.recognises, langfuse.read),
    Format("librechat", _("LibreChat preset"), librechat.recognises, librechat.read),
    Format("openwebui", _("Open WebUI prompts or models"), openwebui.recognises, openwebui.read),
    Format("openai", _("OpenAI prompt or request"), openai.recognises, openai.read),
)


def recognise(data: Any) -> Format | None:
    return next((one for one in FORMATS if one.recognises(data)), None)
