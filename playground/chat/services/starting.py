"""The starter messages of a preset: what a new conversation begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.accounts.models import User
from playground.chat.models import Attachment, Conversation, Message
from playground.chat.prompt import Turn
from playground.chat.services.filling import Filling
from playground.images.models import Blob
from playground.presets.content import Picture
from playground.presets.models import PresetVersion


def starter_turns(owner: User, filling: Filling) -> list[Turn]:
    """The starters with their variables filled in, their images not yet stored. One query when there are images."""
    starters = filling.starters
    blobs = _blobs_of(filling.version, [one for starter in starters for one in starter.images])
    return [
        Turn(starter.role, filling.text(starter.text), _attachments(owner, starter.images, blobs))
        for starter in starters
    ]


def attachments_of(owner: User, version: PresetVersion, pictures: Sequence[Picture]) -> list[Attachment]:
    """`pictures` of `version` as attachments, not yet stored and on nothing. One query when there are any."""
    return _attachments(owner, pictures, _blobs_of(version, pictures))


def _blobs_of(version: PresetVersion | None, pictures: Sequence[Picture]) -> dict[str, Blob]:
    """The stored images of `version` by their hash; a hash that only its text names is not one of them."""
    wanted = {one.sha256 for one in pictures if one.sha256}
    if version is None or not wanted:
        return {}
    return {blob.sha256: blob for blob in Blob.objects.filter(preset_images__version=version, sha256__in=wanted)}


def add_starters(conversation: Conversation, turns: Sequence[Turn]) -> Message | None:
    """Real messages of `conversation`, each below the one before. Returns the last. Within a transaction."""
    last: Message | None = None
    for turn in turns:
        last = Message.objects.create(conversation=conversation, parent=last, role=turn.role, text=turn.text)
        for position, attachment in enumerate(turn.attachments):
            attachment.message, attachment.position = last, position
        Attachment.objects.bulk_create(turn.attachments)
    return last


def _attachments(owner: User, pictures: Sequence[Picture], blobs: Mapping[str, Blob]) -> list[Attachment]:
    return [_attachment(owner, one, blobs.get(one.sha256)) for one in pictures if one.url or one.sha256 in blobs]


def _attachment(owner: User, picture: Picture, blob: Blob | None) -> Attachment:
    return Attachment(
        owner=owner,
        blob=blob,
        url="" if blob else picture.url,
        name=picture.name[:200],
        alt=picture.alt[:500],
        detail=picture.detail,
    )
