"""The last starter of a preset, when it is the user's: its images go to the draft, as its text goes to the box."""

from __future__ import annotations

from django.db import transaction

from playground.accounts.models import User
from playground.chat.models import Attachment
from playground.chat.services.drafts import draft_for
from playground.chat.services.filling import begun_message
from playground.chat.services.starting import attachments_of
from playground.presets.models import PresetVersion


def attach_begun(*, owner: User, version: PresetVersion) -> bool:
    """Put the images of the begun message on the draft of the next chat, unless it has some. Whether there are any now."""
    begun = begun_message(version.content)
    images = attachments_of(owner, version, begun.images) if begun else []
    if not images:
        return False
    with transaction.atomic():
        draft = draft_for(owner=owner, conversation=None)
        if Attachment.objects.filter(draft=draft).exists():
            return False
        for position, image in enumerate(images):
            image.draft, image.position = draft, position
        Attachment.objects.bulk_create(images)
    return True
