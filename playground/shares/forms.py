"""What goes into a link, and who may open it until when."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.shares.access import MAX_PASSPHRASE
from playground.shares.models import Audience, Part, Share
from playground.shares.services import Terms
from playground.shares.sources import USUAL, Source

LEAST_PASSPHRASE = 8
HOURS = {"1h": 1, "1d": 24, "7d": 7 * 24, "30d": 30 * 24, "365d": 365 * 24}
EXPIRIES = [
    ("", _("Never")),
    ("1h", _("In an hour")),
    ("1d", _("In a day")),
    ("7d", _("In a week")),
    ("30d", _("In 30 days")),
    ("365d", _("In a year")),
]
KEEP = "keep"


class ContentForm(forms.Form):
    """What a snapshot holds, for the preview and for making or moving a link."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Visitors see it."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    shown_as = forms.CharField(
        label=_("Your name"),
        max_length=60,
        required=False,
        help_text=_("As visitors shall see it. Empty: they are not told who you are."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    parts = forms.MultipleChoiceField(label=_("What to include"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].choices = [(part.value, part.label) for part in source.offered]  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        title = one_line(self.cleaned_data["title"])
        if not title:
            raise ValidationError(_("Give it a title."))
        return title

    def clean_shown_as(self) -> str:
        return one_line(self.cleaned_data["shown_as"])


class TermsForm(forms.Form):
    """Who may open a link."""

    audience = forms.ChoiceField(label=_("Who may open it"), choices=Audience.choices, widget=forms.RadioSelect)
    expires = forms.ChoiceField(label=_("It ends"), choices=EXPIRIES, required=False)
    passphrase = forms.CharField(
        label=_("Passphrase (optional)"),
        max_length=MAX_PASSPHRASE,
        min_length=LEAST_PASSPHRASE,
        required=False,
        strip=False,
        help_text=_("Visitors are asked for it. Tell them by another way than the link."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.PUBLIC_SHARES_ARE_ALLOWED:
            field = self.fields["audience"]
            field.choices = [choice for choice in Audience.choices if choice[0] != Audience.PUBLIC]  # type: ignore[attr-defined]
            field.help_text = _("This server has no public links.")

    def terms(self) -> Terms:
        """What was chosen, for a new link."""
        values = self.cleaned_data
        return Terms(values["audience"], _end(values["expires"]), values["passphrase"])


class ChangeTermsForm(TermsForm):
    """The same of a link that there is: what is left alone stays."""

    # One box, drawn like the others.
    forget_passphrase = forms.MultipleChoiceField(
        label=_("Passphrase"),
        choices=[("yes", _("Ask for none any more"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("audience", "expires", "passphrase", "forget_passphrase")

    def __init__(self, *args: Any, share: Share, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share
        self.initial.setdefault("audience", share.audience)
        if share.expires_at:
            self.fields["expires"].choices = [(KEEP, gettext("As it is")), *EXPIRIES]  # type: ignore[attr-defined]
            self.initial.setdefault("expires", KEEP)
        if share.passphrase:
            self.fields["passphrase"].label = _("Another passphrase")
            self.fields["passphrase"].help_text = _("Empty: the one there is stays. Another one shuts out who gave it.")
        else:
            del self.fields["forget_passphrase"]

    def terms(self) -> Terms:
        values = self.cleaned_data
        expires_at = self.share.expires_at if values["expires"] == KEEP else _end(values["expires"])
        passphrase = "" if values.get("forget_passphrase") else values["passphrase"] or None
        return Terms(values["audience"], expires_at, passphrase)


def usual_content(source: Source) -> dict[str, Any]:
    """What the form of a new link begins with."""
    return {"title": one_line(source.title)[:200], "shown_as": "", "parts": [part.value for part in USUAL[source.kind]]}


def content_of(share: Share) -> dict[str, Any]:
    """What the form of a link that there is begins with."""
    return {"title": share.title, "shown_as": share.shown_as, "parts": share.parts}


def one_line(text: str) -> str:
    """Without line breaks and control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def chosen_parts(values: Any) -> list[str]:
    """Of Part, in its order."""
    return [part.value for part in Part if part.value in values]


def _end(choice: str) -> datetime.datetime | None:
    return timezone.now() + datetime.timedelta(hours=HOURS[choice]) if choice else None
