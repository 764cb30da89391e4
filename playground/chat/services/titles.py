"""The title of a conversation: the beginning of its first message, without a model call."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from playground.chat.models import Attachment
from playground.lib.markdown import plain_text

TITLE_CHARACTERS = 60
# Enough for a title; Markdown of a million characters is not parsed for one.
LOOKED_AT_CHARACTERS = 2000


def title_from(text: str, attachments: Sequence[Attachment] = ()) -> str:
    """About 60 characters of the text's first words; the name of the first image when there is no text."""
    line = " ".join(plain_text(text[:LOOKED_AT_CHARACTERS]).split()) or " ".join(text[:LOOKED_AT_CHARACTERS].split())
    if not line:
        line = next((attachment.name for attachment in attachments if attachment.name), "") or _("Images")
    return Truncator("".join(char for char in line if char.isprintable())).chars(TITLE_CHARACTERS, truncate="…")
