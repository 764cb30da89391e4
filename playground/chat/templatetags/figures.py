"""Figures as people read them: grouped by the locale, no more digits than they are worth, unknown is never 0."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()

# Below this an amount is shown as "less than", not as a row of zeros.
SMALLEST_DOLLARS = Decimal("0.0001")


@register.filter
def count(value: int | None) -> str:
    """1234 as "1,234"; an empty text when not known."""
    return "" if value is None else number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def short_count(value: int | None) -> str:
    """1047576 as "1.05M", for places where the rough size is what matters."""
    if value is None:
        return ""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            digits = 2 if value % size and value / size < 10 else 0
            return f"{number_format(round(value / size, digits), digits)}{sign}"
    return str(value)


@register.filter
def seconds(milliseconds: int | None) -> str:
    """410 as "0.41 s", 12300 as "12.3 s"."""
    if milliseconds is None:
        return ""
    value = milliseconds / 1000
    return _("%s s") % _rounded(value, 2 if value < 10 else 1 if value < 100 else 0)


@register.filter
def rate(per_second: float | None) -> str:
    """Tokens per second: two digits that mean something."""
    if per_second is None:
        return ""
    return _("%s tok/s") % _rounded(per_second, 0 if per_second >= 10 else 1)


@register.filter
def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars with two significant digits and at least cents. None is an empty text: not known."""
    if amount is None:
        return ""
    if 0 < amount < SMALLEST_DOLLARS:
        return f"<${number_format(SMALLEST_DOLLARS, 4)}"
    # The first digit that is not 0 stands at this decimal place; show one more.
    places = 2 if amount == 0 else min(4, max(2, 1 - amount.adjusted()))
    return f"${_rounded(amount, places)}"


def _rounded(value: float | Decimal, places: int) -> str:
    """By the locale; `number_format` alone would cut digits off instead of rounding."""
    return number_format(round(Decimal(value), places), places, force_grouping=True)
