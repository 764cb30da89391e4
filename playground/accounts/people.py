"""Suspending people, giving roles, and the admin who must remain."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from playground.accounts import leaving
from playground.accounts.models import Invitation, User
from playground.accounts.roles import Role, flags_of
from playground.lib.postgres import hold


class LastAdmin(Exception):
    """Nobody would be left to run the server."""


def keep_an_admin(parting: Collection[int]) -> None:
    """Raises LastAdmin unless somebody else can sign in as an admin once the people `parting` (keys) cannot.

    Within the transaction that parts them: until it ends nobody else gets past here, so two admins cannot remove each other.
    """
    hold("the last admin")
    admins = User.objects.filter(is_superuser=True, is_active=True)
    if not admins.filter(pk__in=parting).exists():
        return
    # In local mode nobody signs in; elsewhere an admin without a password is of no use.
    others = admins.exclude(pk__in=parting).only("password").iterator()
    if not any(settings.IS_LOCAL or other.has_usable_password() for other in others):
        raise LastAdmin


def suspend(person: User) -> bool:
    """Sessions, sockets, running answers and API keys of `person` end at once; nothing is deleted. False: was suspended already.

    Raises LastAdmin.
    """
    with transaction.atomic():
        keep_an_admin([person.pk])
        # Sessions of before stay dead when the suspension is lifted.
        rows = User.objects.filter(pk=person.pk, is_active=True)
        is_done = bool(rows.update(is_active=False, session_epoch=F("session_epoch") + 1))
        if is_done:
            revoke_invitations_by([person.pk])
            leaving.announce(person.pk)
    person.refresh_from_db(fields=["is_active", "session_epoch"])
    return is_done


def unsuspend(person: User) -> bool:
    """`person` may sign in again. False: was not suspended."""
    is_done = bool(User.objects.filter(pk=person.pk, is_active=False).update(is_active=True))
    person.refresh_from_db(fields=["is_active"])
    return is_done


def give_role(person: User, role: str) -> None:
    """Set the flags of `person` without saving them, in the transaction that will. Raises LastAdmin."""
    if person.is_superuser and role != Role.ADMIN:
        keep_an_admin([person.pk])
        revoke_invitations_by([person.pk])
    for name, value in flags_of(role).items():
        setattr(person, name, value)


def part(people: Collection[int]) -> None:
    """What must come before the accounts `people` (keys) are deleted, in the same transaction. Raises LastAdmin."""
    keep_an_admin(people)
    revoke_invitations_by(people)
    for person in people:
        leaving.announce(person)


def revoke_invitations_by(people: Collection[int]) -> int:
    """Who is no admin any more has not invited anybody either. Returns how many links ended."""
    return Invitation.objects.open().filter(invited_by__in=people).update(revoked_at=timezone.now())
