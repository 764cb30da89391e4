"""People and what they prefer."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from playground.accounts.roles import Role, role_of


class Theme(models.TextChoices):
    SYSTEM = "system", _("System")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class SendKey(models.TextChoices):
    ENTER = "enter", _("Enter sends, Shift+Enter breaks the line")
    MOD_ENTER = "mod-enter", _("Ctrl/Cmd+Enter sends, Enter breaks the line")


class User(AbstractUser):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    send_key = models.CharField(max_length=10, choices=SendKey.choices, default=SendKey.ENTER)
    # "provider/model", the public name; empty means the server's own default.
    default_model = models.CharField(max_length=250, blank=True)
    # Form values (field name to value) that a new chat starts with.
    default_parameters = models.JSONField(default=dict, blank=True)
    # Counts how often all sessions of this person were ended at once: those of an earlier count are worth nothing.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]  # the stubs have made it a str
        verbose_name_plural = _("people")  # type: ignore[assignment]

    @property
    def role(self) -> Role:
        return role_of(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own, which ends sessions when the password changes, and ours: when `session_epoch` does."""
        if not self.session_epoch:
            return super()._get_session_auth_hash(secret)  # type: ignore[misc,no-any-return]  # the stubs do not show it
        value = f"{self.session_epoch}:{self.password}"
        return salted_hmac("playground.accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class PeopleGroup(Group):
    """Django's group, among the people: for budgets and figures. It gives no rights."""

    class Meta:
        proxy = True
        verbose_name = _("group")
        verbose_name_plural = _("groups")
