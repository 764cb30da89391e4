"""Opening what somebody shared in one's own playground: a copy that is one's own, with everything filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.chat.models import Conversation, Message, Role
from playground.compare.services.comparisons import create_comparison
from playground.compare.settings import ColumnSettings
from playground.images.models import Blob
from playground.shares.errors import NotAllowed
from playground.shares.models import Kind, Share, ShareImage, Taking
from playground.shares.snapshots.conversations import SYSTEM_PROMPT
from playground.shares.snapshots.values import Json
from playground.shares.taking_images import attach
from playground.shares.taking_presets import make_preset
from playground.shares.taking_sweeps import keep_plan


def take(*, user: User, share: Share, request_id: str) -> str:
    """The address of what `user` has of it now. The same request id twice makes one copy.

    Runs, figures and receipts stay where they are; texts, images and the settings that the link shows come along.
    Raises NotAllowed when there is no room for the images, InvalidPreset.
    """
    taken = Taking.objects.filter(user=user, request_id=request_id)
    if (place := taken.values_list("place", flat=True).first()) is not None:
        return place
    share.refresh_from_db(fields=["snapshot"])
    try:
        with transaction.atomic():
            made = Taking.objects.create(user=user, request_id=request_id)
            made.place = keep_plan(made, share, _blobs(user, share)) if share.kind == Kind.SWEEP else _make(user, share)
            made.save(update_fields=["place", "plan"])
            return made.place
    except IntegrityError:  # the same form, at the same time
        return taken.values_list("place", flat=True).get()


def _make(user: User, share: Share) -> str:
    content: Json = share.snapshot
    blobs = _blobs(user, share)
    if share.kind == Kind.PRESET:
        return make_preset(user, share, blobs)
    if share.kind == Kind.COMPARISON:
        return _make_comparison(user, share, blobs)
    conversation = Conversation.objects.create(
        owner=user,
        title=share.title,
        model_name=content["model"],
        parameters=_parameters(content),
        updated_at=timezone.now(),
    )
    _fill(conversation, content["messages"], content["texts"], blobs)
    return reverse("conversation", args=[conversation.uuid])


def _blobs(user: User, share: Share) -> dict[int, Blob]:
    """The images by their numbers. Raises NotAllowed when there is no room for them."""
    rows = ShareImage.objects.filter(share=share).select_related("blob")
    blobs = {image.number: image.blob for image in rows}
    if blobs and Blob.objects.kept_for(user).total_bytes() >= settings.IMAGE_QUOTA_BYTES:
        raise NotAllowed(
            _("There is no room for the images: those you have take all that this server gives one person.")
        )
    return blobs


def _make_comparison(user: User, share: Share, blobs: dict[int, Blob]) -> str:
    columns: list[Json] = share.snapshot["columns"]
    settings = [ColumnSettings(one["model"], _parameters(one)) for one in columns]
    comparison = create_comparison(owner=user, settings=settings, title=share.title)
    made = comparison.columns.select_related("conversation").order_by("position")
    for column, taken in zip(made, columns, strict=True):
        _fill(column.conversation, taken["messages"], share.snapshot["texts"], blobs)
    return reverse("comparison", args=[comparison.uuid])


def _fill(conversation: Conversation, messages: Sequence[Json], texts: Sequence[str], blobs: dict[int, Blob]) -> None:
    """Put `messages` into the empty `conversation`, one below the other."""
    last: Message | None = None
    for one in messages:
        last = Message.objects.create(
            conversation=conversation,
            parent=last,
            role=one["role"],
            text=texts[one["text"]],
            reasoning=one["thinking"],
            is_edited=one["is_edited"],
        )
        if one["role"] == Role.USER:
            attach(one["images"], blobs, owner=conversation.owner, message=last)
    conversation.leaf = last
    conversation.save(update_fields=["leaf"])


def _parameters(taken: Json) -> dict[str, Any]:
    parameters = dict(taken.get("settings", {}))
    if prompt := taken.get("system_prompt"):
        parameters[SYSTEM_PROMPT] = prompt
    return parameters
