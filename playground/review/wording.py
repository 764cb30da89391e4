"""Filters in words, each with the address that takes it away."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.review.names import Names
from playground.review.selection import DIMENSIONS, Selection


@dataclass(frozen=True, slots=True)
class ChosenFilter:
    title: str
    name: str
    without: str  # address


def only_label(name: str) -> str:
    labels = {
        "errors": _("Failed or interrupted"),
        "unpriced": _("Unpriced"),
        "estimated": _("Estimated"),
        "corrected": _("Corrected"),
    }
    return labels[name]


def filter_label(dimension: str) -> str:
    labels = {
        "user": _("Person"),
        "group": _("Group"),
        "model": _("Model"),
        "provider": _("Provider"),
        "source": _("Source"),
        "key": _("API key"),
    }
    return labels[dimension]


def chosen_filters(selection: Selection, names: Names, address: str, **more: str | None) -> list[ChosenFilter]:
    """`more`: parameters of the address that stay."""
    return [
        ChosenFilter(filter_label(name), names.of(name, value), f"{address}?{selection.query(**{name: None}, **more)}")
        for name in DIMENSIONS
        if (value := getattr(selection.filters, name)) is not None
    ]
