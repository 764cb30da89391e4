"""Forms of the set-up page, of an invitation, and of the settings page."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.accounts import choices, setup
from playground.accounts.models import Invitation, SendKey, Theme, User
from playground.accounts.roles import flags_of
from playground.lib.json_input import BadJson, read_json

MAX_PARAMETERS = 40
_PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class SetupForm(forms.Form):
    token = forms.CharField(
        label=_("Set-up token"),
        max_length=200,
        help_text=_("The server printed it in its log when it started."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("E-mail (optional)"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        help_text=_("At least 15 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"].strip()
        if not setup.is_token(token):
            raise ValidationError(_("This is not the token from the log. Each start of the server prints a new one."))
        return token

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        # Told only to who holds the token: nothing here says which names exist.
        if {"token", "username"} <= values.keys() and User.objects.filter(username=values["username"]).exists():
            holder = User.objects.get(username=values["username"])
            if not (holder.is_superuser and not holder.has_usable_password()):
                self.add_error("username", _("This name is taken."))
        if {"username", "password"} <= values.keys():
            candidate = User(
                username=values["username"], email=values.get("email", ""), is_superuser=True, is_staff=True
            )
            try:
                validate_password(values["password"], candidate)
            except ValidationError as error:
                self.add_error("password", error)
        return values


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    default_model = forms.ChoiceField(label=_("Model for new chats"), required=False)
    default_parameters = forms.CharField(
        label=_("Parameters for new chats"),
        required=False,
        max_length=20_000,
        help_text=_('A JSON object such as {"temperature": 0.7}. What is not named here stays at the model’s default.'),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "none"}),
    )

    class Meta:
        model = User
        fields = ["theme", "send_key", "default_model", "default_parameters"]
        labels = {"theme": _("Theme"), "send_key": _("Sending a message")}
        widgets = {"theme": forms.RadioSelect, "send_key": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = Theme.choices  # type: ignore[attr-defined]
        self.fields["send_key"].choices = SendKey.choices  # type: ignore[attr-defined]
        self.fields["default_model"].choices = self._model_choices()  # type: ignore[attr-defined]
        stored = self.instance.default_parameters
        self.initial["default_parameters"] = json.dumps(stored, indent=2, ensure_ascii=False) if stored else ""

    def _model_choices(self) -> list[tuple[str, str]]:
        """The server's default, every model there is, and the stored one even if it has gone."""
        offered = [("", gettext("The server’s default")), *choices.model_choices(self.instance)]
        stored = self.instance.default_model
        if stored and stored not in dict(offered):
            offered.append((stored, gettext("%(name)s (no longer available)") % {"name": stored}))
        return offered

    def clean_default_parameters(self) -> dict[str, Any]:
        text = self.cleaned_data["default_parameters"].strip()
        if not text:
            return {}
        try:
            values = read_json(text.encode())
        except BadJson as error:
            raise ValidationError(_("Not a JSON object: %(reason)s"), params={"reason": error}) from None
        if not isinstance(values, dict):
            raise ValidationError(_("This must be a JSON object, with braces around it."))
        if len(values) > MAX_PARAMETERS:
            raise ValidationError(_("These are too many parameters."))
        for name in values:
            if not _PARAMETER_NAME.fullmatch(name):
                raise ValidationError(_("“%(name)s” is not the name of a parameter."), params={"name": name[:80]})
        return values

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("default_parameters"):
            for problem in choices.parameter_problems(values.get("default_model", ""), values["default_parameters"]):
                self.add_error("default_parameters", problem)
        return values


class AcceptForm(forms.Form):
    """Accepting an invitation: the name is given, the password is theirs."""

    token = forms.CharField(max_length=200, widget=forms.HiddenInput)
    username = forms.CharField(
        label=_("User name"), disabled=True, required=False, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.initial["username"] = invitation.username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(username=self.invitation.username, **flags_of(self.invitation.role)))
        return password
