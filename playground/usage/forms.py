"""What an admin says about a re-pricing."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from playground.usage.models import DailyUsage
from playground.usage.repricing import NewRates, Scope, last_entry

MOST_DAYS = 366
ROWS, GIVEN = "rows", "given"


def _price(label: Any, **more: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "any", "min": "0"})
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=6, required=False, widget=widget, **more
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ScopeForm(forms.Form):
    """Which runs, and what they should have cost. `scope()` when it is valid."""

    what = forms.ChoiceField(label=_lazy("Runs of"))
    first_day = _day(_lazy("From"))
    last_day = _day(_lazy("To"))
    price = forms.ChoiceField(
        label=_lazy("Price"),
        choices=[
            (ROWS, _lazy("as the price rows of each day say now")),
            (GIVEN, _lazy("these, for the whole period:")),
        ],
        widget=forms.RadioSelect,
        initial=ROWS,
    )
    input = _price(_lazy("Input"), help_text=_lazy("US dollars per 1M tokens."))
    cached_input = _price(_lazy("Cached input"), help_text=_lazy("Empty: as input."))
    output = _price(_lazy("Output"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = _choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        if first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last_day", _("At most a year at a time."))
        if data.get("price") == GIVEN:
            for name in ("input", "output"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Enter the price."))
        return data

    def scope(self, up_to: int | None = None) -> Scope:
        """`up_to`: what a preview has looked at; without it, everything there is now."""
        data = self.cleaned_data
        rates = NewRates(data["input"], data["cached_input"], data["output"]) if data["price"] == GIVEN else None
        provider, _slash, name = data["what"].partition("/")
        return Scope(
            provider=provider,
            model_name=data["what"] if name else "",
            first_day=data["first_day"],
            last_day=data["last_day"],
            up_to=last_entry() if up_to is None else up_to,
            rates=rates,
        )


class ConfirmForm(forms.Form):
    """What confirms a preview: why, and exactly what was looked at."""

    reason = forms.CharField(
        label=_lazy("Reason"),
        max_length=300,
        help_text=_lazy("Stands in every correction, and in the audit log."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    up_to = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)
    mark = forms.CharField(widget=forms.HiddenInput, max_length=200)


def _choices() -> list[tuple[str, str]]:
    """Every model that the ledger knows, those that are gone too, below its provider."""
    known = DailyUsage.objects.order_by("provider", "model_name").values_list("provider", "model_name").distinct()
    choices: list[tuple[str, str]] = []
    for provider, model_name in known:
        if (provider, "") not in choices and not any(value == provider for value, _label in choices):
            choices.append((provider, _("all models of %(provider)s") % {"provider": provider}))
        choices.append((model_name, model_name))
    return choices


def month_before(today: datetime.date | None = None) -> tuple[datetime.date, datetime.date]:
    """The first and the last day of the last whole month: what is re-priced most often."""
    last = (today or timezone.now().date()).replace(day=1) - datetime.timedelta(days=1)
    return last.replace(day=1), last
