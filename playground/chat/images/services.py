"""What happens to the images of a draft or a message. Callers have checked whose draft and attachments these are."""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from playground.accounts.models import User
from playground.catalog.models import Model
from playground.chat.models import Attachment, AttachmentQuerySet, Conversation, Detail, Draft, Message
from playground.chat.services.drafts import draft_for
from playground.images import errors, intake, store
from playground.images.models import Blob

LEAST_IMAGES = 16  # a message takes these whatever the model's row says
MAX_URL_CHARS = 2000
MAX_ALT_CHARS = 500
UNATTACHED_FOR = datetime.timedelta(days=1)
# Between the row of an image and its attachment lies one transaction; this is ample.
UNREFERRED_FOR = datetime.timedelta(hours=1)
is_web_address = URLValidator(schemes=["https", "http"])


@dataclass(frozen=True, slots=True)
class Swept:
    attachments: int
    blobs: int
    files: int


def limit_for(model: Model | None) -> int:
    """How many images a message takes: the model's own limit, between 16 and the server's."""
    return min(max(LEAST_IMAGES, model.max_images if model else 0), settings.MAX_IMAGES)


def attach_upload(
    *, owner: User, conversation: Conversation | None, file: UploadedFile[Any], model: Model | None = None
) -> Attachment:
    """Clean an uploaded file and put it last on the owner's draft there. Raises ImageError, and then nothing is kept.

    Blocks while the file is decoded (intake.py). No transaction is open meanwhile.
    """
    name = intake.clean_name(file.name or "")
    if (file.size or 0) > settings.MAX_IMAGE_BYTES:
        raise errors.ImageTooLarge(name, settings.MAX_IMAGE_BYTES)
    drafted = Attachment.objects.filter(draft__owner=owner, draft__conversation=conversation)
    _check_room(drafted.count(), model, name)  # before the work; counted again under the lock
    _check_quota(owner, name)
    image = intake.clean_image(file.read(), name)
    try:
        sha256 = store.write(image)
    except OSError as error:
        raise errors.StoreFull(name) from error
    try:
        draft = draft_for(owner=owner, conversation=conversation)
        return _attach(draft, model, name, lambda: {"blob": store.keep(image, sha256), "removed": image.removed})
    except BaseException:
        with transaction.atomic():
            store.discard(sha256)
        raise


def attach_url(
    *, owner: User, conversation: Conversation | None, url: str, model: Model | None = None, is_fetched: bool = True
) -> Attachment:
    """Put an image on the owner's draft by its address, which goes to the provider as it is and which we never fetch.

    `is_fetched` is whether the provider fetches addresses at all. Raises ImageError.
    """
    url = url.strip()
    name = _name_of(url)
    if len(url) > MAX_URL_CHARS or not _is_plain_web_address(url):
        raise errors.BadImageAddress(name)
    if not is_fetched:
        raise errors.AddressNotFetched(name, model.provider.name if model else "")
    draft = draft_for(owner=owner, conversation=conversation)
    return _attach(draft, model, name, lambda: {"url": url})


def update_attachment(*, attachment: Attachment, detail: str | None = None, alt: str | None = None) -> Attachment:
    """Change what is given. Raises BadChoice."""
    if detail is not None:
        if detail not in Detail.values:
            raise errors.BadChoice(attachment.name)
        attachment.detail = detail
    if alt is not None:
        attachment.alt = " ".join(alt.split())[:MAX_ALT_CHARS]
    attachment.save(update_fields=["detail", "alt"])
    return attachment


def set_detail_of_all(*, attachments: AttachmentQuerySet, detail: str) -> None:
    """The same detail for all of `attachments`. Raises BadChoice."""
    if detail not in Detail.values:
        raise errors.BadChoice("")
    attachments.update(detail=detail)


def reorder(*, attachments: AttachmentQuerySet, order: Sequence[uuid.UUID]) -> None:
    """Put `attachments`, all of one draft, in `order`. Raises DoesNotExist unless it names each of them once, and no other."""
    with transaction.atomic():
        known = {attachment.uuid: attachment for attachment in attachments.select_for_update()}
        if len(order) != len(known) or set(order) != set(known):
            raise Attachment.DoesNotExist
        for position, key in enumerate(order):
            known[key].position = position
        Attachment.objects.bulk_update(known.values(), ["position"])


def remove(*, attachment: Attachment) -> None:
    """Take an image off; its file goes too unless another attachment has it."""
    with transaction.atomic():
        attachment.delete()
        if attachment.blob:
            store.forget(attachment.blob)


def data_url(attachment: Attachment) -> str:
    """What goes upstream: the image itself, or the address when it was given by one. Raises FileNotFoundError."""
    if attachment.blob is None:
        return attachment.url
    encoded = base64.b64encode(store.read(attachment.blob)).decode()
    return f"data:{attachment.blob.media_type};base64,{encoded}"


def copy_attachments(attachments: Iterable[Attachment], to: Draft | Message | None) -> list[Attachment]:
    """The same images, in this order, on another message or draft. The files are shared, not copied.

    On nothing, when they wait for a message that is about to be posted: forgotten there, they are swept away after a day.
    """
    target = {"message": to} if isinstance(to, Message) else {"draft": to}
    copies = [
        Attachment(
            owner_id=original.owner_id,
            blob_id=original.blob_id,
            url=original.url,
            position=position,
            name=original.name,
            alt=original.alt,
            detail=original.detail,
            removed=original.removed,
            **target,
        )
        for position, original in enumerate(attachments)
    ]
    return Attachment.objects.bulk_create(copies)


def sweep_orphans() -> Swept:
    """Delete what nobody can reach: attachments on nothing for a day, images without attachment, files without a row."""
    now = timezone.now()
    unattached = Attachment.objects.filter(draft=None, message=None, created_at__lt=now - UNATTACHED_FOR)
    deleted, _by_model = unattached.delete()
    unreferred = Blob.objects.unreferred().filter(created_at__lt=now - UNREFERRED_FOR)
    blobs = sum(map(_forget, unreferred.iterator()))
    return Swept(attachments=deleted, blobs=blobs, files=store.sweep_files())


def _forget(blob: Blob) -> bool:
    with transaction.atomic():
        return store.forget(blob)


def _attach(draft: Draft, model: Model | None, name: str, make: Callable[[], dict[str, object]]) -> Attachment:
    """One attachment more, last in the row, with the draft locked so that the limit holds for uploads side by side."""
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        _check_room(draft.attachments.count(), model, name)
        last = draft.attachments.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        return Attachment.objects.create(owner_id=draft.owner_id, draft=draft, name=name, position=position, **make())


def _check_room(count: int, model: Model | None, name: str) -> None:
    limit = limit_for(model)
    if count >= limit:
        raise errors.TooManyImages(name, limit)


def _check_quota(owner: User, name: str) -> None:
    if Blob.objects.kept_for(owner).total_bytes() >= settings.IMAGE_QUOTA_BYTES:
        raise errors.QuotaExceeded(name, settings.IMAGE_QUOTA_BYTES)


def _is_plain_web_address(url: str) -> bool:
    """http or https with a host, and no password in it: the address is stored, shown and sent on."""
    try:
        is_web_address(url)
        parts = urlsplit(url)
    except (ValidationError, ValueError):
        return False
    return bool(parts.hostname) and parts.username is None and parts.password is None


def _name_of(url: str) -> str:
    """The last part of the address, or its host, to be shown."""
    try:
        parts = urlsplit(url)
        return intake.clean_name(unquote(parts.path.rsplit("/", 1)[-1]) or parts.hostname or url)
    except ValueError:
        return intake.clean_name(url)
