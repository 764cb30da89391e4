"""Inviting people by a link that works once. No mail is sent: whoever invites hands the link over."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from playground.accounts.models import Invitation, User
from playground.accounts.roles import flags_of

TOKEN_BYTES = 32


class NameTaken(Exception):
    """Somebody has an account of that name, whatever its capitals."""


class InvitationGone(Exception):
    """There is no such link, or it was used, revoked or is too old: nobody is told which."""


def invite(*, by: User, username: str, role: str, days: int, groups: Iterable[Group] = ()) -> tuple[Invitation, str]:
    """The invitation and its token, which is known only now. An open one for the same name ends. Raises NameTaken."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        if is_taken(username):
            raise NameTaken
        now = timezone.now()
        Invitation.objects.open().filter(username__iexact=username).update(revoked_at=now)
        invitation = Invitation.objects.create(
            token_hash=digest(token),
            username=username,
            role=role,
            invited_by=by,
            expires_at=now + datetime.timedelta(days=days),
        )
        invitation.groups.set(groups)
    return invitation, token


def find(token: str) -> Invitation:
    """The invitation whose link holds `token`. Raises InvitationGone. One query."""
    invitation = Invitation.objects.open().filter(token_hash=digest(token)).first() if token else None
    if invitation is None:
        raise InvitationGone
    return invitation


def accept(invitation: Invitation, *, password: str) -> User:
    """The account. Of two at once one gets InvitationGone. Raises NameTaken, and the link works on."""
    try:
        with transaction.atomic():
            # Whoever changes the row has won.
            if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
                raise InvitationGone
            if is_taken(invitation.username):
                raise NameTaken
            person = User(username=invitation.username, **flags_of(invitation.role))
            person.set_password(password)
            person.save()
            person.groups.set(invitation.groups.all())
    except IntegrityError:
        raise NameTaken from None
    return person


def revoke(invitation: Invitation) -> bool:
    """The link stops working. False: it had already."""
    return bool(Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now()))


def is_taken(username: str) -> bool:
    return User.objects.filter(username__iexact=username).exists()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
