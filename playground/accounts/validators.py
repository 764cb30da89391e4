"""Password rules beyond Django's own."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from playground.accounts.models import User


class LengthValidator:
    """Longer passwords for people who can do more. One rule with two lengths, so that only the one that applies is named."""

    def __init__(self, min_length: int = 12, admin_min_length: int = 15) -> None:
        self.min_length, self.admin_min_length = min_length, admin_min_length

    def validate(self, password: str, user: User | None = None) -> None:
        if user and (user.is_superuser or user.is_staff):
            if len(password) < self.admin_min_length:
                text = _("An admin’s password must have at least %(min)d characters.")
                raise ValidationError(text % {"min": self.admin_min_length}, code="password_too_short_for_admin")
        elif len(password) < self.min_length:
            text = _("A password must have at least %(min)d characters.")
            raise ValidationError(text % {"min": self.min_length}, code="password_too_short")

    def get_help_text(self) -> str:
        return _("At least %(min)d characters, for admins %(admin_min)d.") % {
            "min": self.min_length,
            "admin_min": self.admin_min_length,
        }
