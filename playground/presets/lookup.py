"""Presets by the names that people, addresses and receipts give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from playground.presets.models import Preset, PresetVersion
from playground.presets.services.versions import NEWEST

if TYPE_CHECKING:
    from playground.accounts.models import User

MOST_PICKED = 500  # in a select; the list of presets has them all


def find_version(user: User, name: str) -> PresetVersion:
    """What `slug` (its newest version), `slug@3` or `slug@production` means to `user`, with its preset loaded. One query.

    Raises PresetVersion.DoesNotExist, for what is not there and for what `user` may not use alike.
    """
    slug, _at, which = name.strip().partition("@")
    if "\0" in name:  # PostgreSQL does not even compare it
        raise PresetVersion.DoesNotExist
    rows = PresetVersion.objects.visible_to(user).filter(preset__slug=slug).select_related("preset")
    if which in {"", NEWEST}:
        return rows.get(pk=F("preset__latest"))
    if which.isascii() and which.isdigit():
        if len(which) > 9:
            raise PresetVersion.DoesNotExist
        return rows.get(number=int(which))
    return rows.get(label=which)


def picker(user: User) -> list[Preset]:
    """What a select offers: starred ones first, then by use. Each with `latest` and `is_starred`. One query."""
    rows = Preset.objects.visible_to(user).filter(latest__isnull=False).with_star_of(user).select_related("latest")
    rows = rows.defer("latest__content_json")  # up to 256 KB each
    return list(rows.order_by(F("is_starred").desc(), "-use_count", "name", "pk")[:MOST_PICKED])
