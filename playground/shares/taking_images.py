"""The images of a link as attachments of one's own. The files are shared, not copied."""

from __future__ import annotations

from collections.abc import Sequence

from playground.accounts.models import User
from playground.chat.models import Attachment, Detail, Draft, Message
from playground.images.models import Blob
from playground.shares.snapshots.values import Json


def attach(
    images: Sequence[Json],
    blobs: dict[int, Blob],
    *,
    owner: User,
    message: Message | None = None,
    draft: Draft | None = None,
) -> None:
    """Put `images` of a snapshot on one of the two."""
    Attachment.objects.bulk_create(
        Attachment(
            owner=owner,
            message=message,
            draft=draft,
            blob=blobs.get(image.get("number", 0)),
            url=image.get("url", ""),
            position=position,
            name="" if "url" in image else f"image-{image['number']}",
            alt=image["alt"],
            detail=image["detail"] if image["detail"] in Detail.values else Detail.AUTO,
        )
        for position, image in enumerate(images)
    )
