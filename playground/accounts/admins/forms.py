"""Forms of the admin's pages about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from playground.accounts import invitations
from playground.accounts.models import Invitation, User
from playground.accounts.people import LastAdmin, give_role
from playground.accounts.roles import Role

DAYS = (1, 3, 7, 14, 30)
ROLE_HELP = _(
    "Users use the playground. Reviewers also see the usage figures of everybody, and nothing else here. Admins run the server."
)
LAST_ADMIN = _("This is the last admin: make somebody else one first.")


class GroupsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Boxes to tick."""

    def __init__(self) -> None:
        groups = Group.objects.order_by("name")
        super().__init__(groups, label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple)


class UserCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # generic in the stubs alone
    class Meta:
        model = User
        fields = ["username"]


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # generic in the stubs alone
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, help_text=ROLE_HELP)
    groups = GroupsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = self.instance.role.value

    def clean_role(self) -> str:
        """Sets the role; the admin's view holds the transaction that saves it."""
        role: str = self.cleaned_data["role"]
        try:
            give_role(self.instance, role)
        except LastAdmin:
            raise ValidationError(LAST_ADMIN) from None
        return role


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("The name of the account that the link makes. A link that was made before for this name ends."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.USER, help_text=ROLE_HELP)
    groups = GroupsField()
    days = forms.TypedChoiceField(
        label=_("The link works for"),
        coerce=int,
        choices=[(days, ngettext_lazy("%d day", "%d days") % days) for days in DAYS],
        initial=7,
    )

    class Meta:
        model = Invitation
        fields = ["username", "role", "groups"]

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"])
        if invitations.is_taken(username):
            raise ValidationError(_("Somebody has an account of this name already."))
        return username
