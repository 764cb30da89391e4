"""The filters of a usage page, with the options that its period has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playground.usage.filters import ESTIMATED, NONE, UNPRICED, Filters
from playground.usage.periods import names
from playground.usage.wording import source_label, statuses

DIMENSIONS = {"model": "model_name", "source": "source", "preset": "preset", "key": "key"}  # in an address, in a row
ALWAYS_THERE = frozenset({"model", "source"})  # presets and keys show up with the first run that has one


@dataclass(frozen=True, slots=True)
class Select:
    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def selects(filters: Filters, seen: Mapping[str, Sequence[str]]) -> list[Select]:
    """`seen` are the values of each dimension in the period; what is chosen stays an option without being among them."""
    flags = [("", _("Any price")), (UNPRICED, _("Unpriced only")), (ESTIMATED, _("Estimated only"))]
    return [
        Select("period", _("Period"), list(names().items()), filters.choice.name),
        *_dimensions(filters, seen),
        Select("status", _("Status"), [("", _("Any status")), *statuses().items()], filters.status),
        Select("only", _("Price"), flags, filters.flag),
    ]


def _dimensions(filters: Filters, seen: Mapping[str, Sequence[str]]) -> list[Select]:
    labels = {
        "model": (_("Model"), _("All models")),
        "source": (_("Source"), _("All sources")),
        "preset": (_("Preset"), _("All presets")),
        "key": (_("Key"), _("All keys")),
    }
    chosen = filters.parameters(has_period=False)
    found = []
    for name, (label, every) in labels.items():
        values = [value or NONE for value in seen[name]]
        if name in chosen and chosen[name] not in values:
            values.append(chosen[name])
        if name in chosen or name in ALWAYS_THERE or any(value != NONE for value in values):
            options = [("", every), *((value, value_label(name, value)) for value in values)]
            found.append(Select(name, label, options, chosen.get(name, "")))
    return found


def value_label(name: str, value: str) -> str:
    """A value of a dimension in words."""
    if value in {"", NONE}:
        return {"preset": _("No preset"), "key": _("No key")}.get(name, _("Unknown"))
    return source_label(value) if name == "source" else value
