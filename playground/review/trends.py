"""How a figure moved since the period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

MOST_PERCENT = 999  # beyond it a percentage says nothing


@dataclass(frozen=True, slots=True)
class Trend:
    """`text` as "+12%"; `direction` is "up", "down" or "flat"."""

    text: str
    direction: str


def trend(now: float | Decimal | None, before: float | Decimal | None) -> Trend | None:
    """None when there is nothing to compare with."""
    if now is None or before is None or (not before and not now):
        return None
    if not before:
        return Trend(_("new"), "up")
    percent = round((Decimal(now) - Decimal(before)) / Decimal(before) * 100)
    if not percent:
        return Trend(_("±0%"), "flat")
    sign, direction = ("+", "up") if percent > 0 else ("\N{MINUS SIGN}", "down")
    most = ">" if abs(percent) > MOST_PERCENT else ""
    figure = number_format(min(abs(percent), MOST_PERCENT), force_grouping=True)
    return Trend(f"{most}{sign}{figure}%", direction)
