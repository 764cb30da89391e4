"""Password rules beyond Django's own."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from playground.accounts.models import User


class AdminLengthValidator:
    """Longer passwords for people who can do more."""

    def __init__(self, min_length: int = 15) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:
        if user and (user.is_superuser or user.is_staff) and len(password) < self.min_length:
            raise ValidationError(
                _("An admin’s password must have at least %(min)d characters.") % {"min": self.min_length},
                code="password_too_short_for_admin",
            )

    def get_help_text(self) -> str:
        return _("At least %(min)d characters for admins.") % {"min": self.min_length}
