"""A note with a report, a reason for reading, and how old is too old."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.oversight.services import LEAST_REASON_CHARS, MOST_REASON_CHARS


class ReportForm(forms.Form):
    note = forms.CharField(
        label=_("What is wrong with it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Admins read this note, the answer and the question before it, and nothing else of the conversation."
        ),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=LEAST_REASON_CHARS,
        max_length=MOST_REASON_CHARS,
        help_text=_("The owner of the conversation reads it, and the audit log keeps it."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )


class DaysForm(forms.Form):
    """What to look at: how many days after its last message a conversation is too old."""

    days = forms.IntegerField(label=_("Older than (days)"), min_value=1, max_value=36_500)


class DeleteForm(forms.Form):
    """What was looked at is what is deleted: the time is fixed by the page that showed it."""

    before = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])
    confirm = forms.BooleanField(label=_("Delete them for good. This cannot be undone."))

    def clean_before(self) -> datetime.datetime:
        before: datetime.datetime = self.cleaned_data["before"]
        if before > timezone.now() - datetime.timedelta(days=1):
            raise ValidationError(_("Conversations of the last day are never too old."))
        return before


def days_to_look_at(given: Any) -> tuple[DaysForm, int | None]:
    """The form, and how many days it says: the rule's own at first, None when it says nothing sensible."""
    rule = settings.RETENTION_DAYS
    form = DaysForm({"days": given} if given else None, initial={"days": rule or 365})
    if given:
        return form, form.cleaned_data["days"] if form.is_valid() else None
    return form, rule or None
