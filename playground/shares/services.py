"""Making, moving, changing and ending links. Callers have checked that the person owns what is shared."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.accounts.models import User
from playground.images import store
from playground.images.models import Blob
from playground.lib.markdown import RENDERER_VERSION
from playground.shares.errors import LooksDifferent, NotAllowed
from playground.shares.models import Audience, Part, Share, ShareImage
from playground.shares.snapshots.values import Parts, Snapshot
from playground.shares.sources import Source, source_of
from playground.shares.tokens import hash_of, make_token

MOST_SHARES = 5000  # of one person, ended ones included


@dataclass(frozen=True, slots=True)
class Terms:
    """Who may open a link, and until when. `passphrase` None keeps the one there is; "" asks for none."""

    audience: str
    expires_at: datetime.datetime | None = None
    passphrase: str | None = None


def create_share(
    *,
    owner: User,
    source: Source,
    parts: Parts,
    title: str,
    shown_as: str,
    terms: Terms,
    seen: str,
    request_id: str,
) -> Share:
    """A link to what `source` shows now, which must be what was `seen` in the preview. The same request id twice is one link.

    Raises LooksDifferent, NotAllowed, TooLarge.
    """
    if (made := Share.objects.owned_by(owner).filter(request_id=request_id).first()) is not None:
        return made
    _check_audience(terms.audience)
    if Share.objects.owned_by(owner).count() >= MOST_SHARES:
        raise NotAllowed(_("You have %(limit)d links. Delete some first.") % {"limit": MOST_SHARES})
    snapshot = _take_as_seen(source, parts, seen)
    token = make_token()
    try:
        with transaction.atomic():
            share = Share.objects.create(
                owner=owner,
                kind=source.kind,
                title=title,
                shown_as=shown_as,
                token=token,
                token_hash=hash_of(token),
                conversation=source.conversation,
                message=source.message,
                preset=source.version.preset if source.version else None,
                comparison=source.comparison,
                sweep=source.sweep,
                parts=_ordered(parts),
                snapshot=snapshot.content,
                html=snapshot.html,
                html_version=RENDERER_VERSION,
                audience=terms.audience,
                passphrase=make_password(terms.passphrase) if terms.passphrase else "",
                expires_at=terms.expires_at,
                request_id=request_id,
                updated_at=timezone.now(),
            )
            _keep_images(share, snapshot)
    except IntegrityError:  # the same form, at the same time
        return Share.objects.owned_by(owner).get(request_id=request_id)
    return share


def move_share(*, share: Share, parts: Parts, title: str, shown_as: str, seen: str) -> Share:
    """The same address shows what its source shows now. Raises LooksDifferent, NotAllowed when that is gone, TooLarge."""
    source = source_of(share)
    if source is None:
        raise NotAllowed(
            _("What this link was made from is gone, so it cannot be updated. It still shows what it showed.")
        )
    snapshot = _take_as_seen(source, parts, seen)
    share.snapshot, share.html, share.html_version = snapshot.content, snapshot.html, RENDERER_VERSION
    share.parts, share.title, share.shown_as = _ordered(parts), title, shown_as
    share.updated_at = timezone.now()
    with transaction.atomic():
        before = list(Blob.objects.filter(share_images__share=share).distinct())
        share.images.all().delete()
        share.save(
            update_fields=["snapshot", "html", "html_version", "parts", "title", "shown_as", "updated_at"],
        )
        _keep_images(share, snapshot)
        _forget(before)
    return share


def change_terms(*, share: Share, terms: Terms) -> Share:
    """Who may open it, from now on. A new passphrase shuts out those who gave the old one. Raises NotAllowed."""
    if terms.audience != share.audience:
        _check_audience(terms.audience)
    share.audience, share.expires_at = terms.audience, terms.expires_at
    if terms.passphrase is not None:
        share.passphrase = make_password(terms.passphrase) if terms.passphrase else ""
    share.save(update_fields=["audience", "expires_at", "passphrase"])
    return share


def delete_share(*, share: Share) -> None:
    """Link, snapshot and images, for good."""
    with transaction.atomic():
        blobs = list(Blob.objects.filter(share_images__share=share).distinct())
        share.delete()
        _forget(blobs)


def _take_as_seen(source: Source, parts: Parts, seen: str) -> Snapshot:
    snapshot = source.take(parts)
    if snapshot.mark != seen:
        raise LooksDifferent(_("What would be shared is not what you saw. Look at it as it is now, then go on."))
    return snapshot


def _check_audience(audience: str) -> None:
    if audience == Audience.PUBLIC and not settings.PUBLIC_SHARES_ARE_ALLOWED:
        raise NotAllowed(_("This server has no public links: only people who are signed in may open one."))


def _keep_images(share: Share, snapshot: Snapshot) -> None:
    ShareImage.objects.bulk_create(
        ShareImage(share=share, number=number, blob=picture.blob) for number, picture in enumerate(snapshot.pictures, 1)
    )


def _forget(blobs: Sequence[Blob]) -> None:
    """Take away those that nothing refers to any more."""
    for blob in blobs:
        store.forget(blob)


def _ordered(parts: Parts) -> list[str]:
    return [part.value for part in Part if part in parts]
