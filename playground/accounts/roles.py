"""Who may do what: three roles, and the one place that answers for them (decision 0012).

A role is the pair of flags that Django's own user has, so nothing can disagree with it: an admin is a superuser and staff, a
reviewer is staff alone, everybody else is neither. Whoever is suspended may do nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from playground.accounts.models import User


class Role(models.TextChoices):
    USER = "user", _("User")
    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Admin")


def role_of(user: User) -> Role:
    """What `user` is, suspended or not."""
    if user.is_superuser:
        return Role.ADMIN
    return Role.REVIEWER if user.is_staff else Role.USER


def flags_of(role: str) -> dict[str, bool]:
    """The fields of a user that make the role."""
    return {"is_staff": role in {Role.REVIEWER, Role.ADMIN}, "is_superuser": role == Role.ADMIN}


def may_review_usage(user: User | AnonymousUser) -> bool:
    """Whether `user` may see the usage figures of everybody: reviewers and admins."""
    return user.is_active and (user.is_staff or user.is_superuser)


def may_manage_people(user: User | AnonymousUser) -> bool:
    """Whether `user` runs the server: invites, suspends, gives roles, reads the audit log, sets retention."""
    return user.is_active and user.is_superuser


def may_see_content(user: User | AnonymousUser) -> bool:
    """Whether `user` may open what others wrote, for a reason that they are told: admins, where the operator allows it."""
    return settings.CONTENT_REVIEW_IS_ON and may_manage_people(user)
