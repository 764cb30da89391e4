"""People and what they prefer."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


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
