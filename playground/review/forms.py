"""What the statement takes in."""

from __future__ import annotations

import datetime
import re
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playground.review.invoice import MOST_BYTES

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
FIRST_YEAR = 2000


def read_month(text: str, today: datetime.date) -> datetime.date:
    """The first day of "2026-10"; of the month before `today` when it makes no sense, for that one is over."""
    found = _MONTH.fullmatch(text)
    if found and 1 <= int(found[2]) <= 12 and FIRST_YEAR <= int(found[1]) <= today.year + 1:
        return datetime.date(int(found[1]), int(found[2]), 1)
    return (today.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


class InvoiceForm(forms.Form):
    provider = forms.ChoiceField(label=_lazy("Provider"), widget=forms.Select(attrs={"class": "input"}))
    file = forms.FileField(
        label=_lazy("Invoice file"),
        validators=[FileExtensionValidator(["csv", "tsv", "txt"])],
        widget=forms.FileInput(attrs={"class": "input", "accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def __init__(self, *args: Any, providers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["provider"]).choices = [(provider, provider) for provider in providers]

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than %(size)d MB.") % {"size": MOST_BYTES // 1024**2})
        return file
