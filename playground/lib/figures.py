"""Figures as people read them: grouped by the locale, no more digits than they are worth, unknown is never 0."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

# Below this an amount is shown as "less than", not as a row of zeros.
SMALLEST_DOLLARS = Decimal("0.0001")
_MINUS = "\N{MINUS SIGN}"


def count(value: int | None) -> str:
    """1234 as "1,234"; an empty text when not known."""
    return "" if value is None else number_format(value, use_l10n=True, force_grouping=True)


def short_count(value: int | None) -> str:
    """1047576 as "1.05M", for places where the rough size is what matters."""
    if value is None:
        return ""
    for size, sign in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if value >= size:
            digits = 2 if value % size and value / size < 10 else 0
            return f"{number_format(round(value / size, digits), digits)}{sign}"
    return str(value)


def seconds(milliseconds: int | None) -> str:
    """410 as "0.41 s", 12300 as "12.3 s"."""
    if milliseconds is None:
        return ""
    value = milliseconds / 1000
    return _("%s s") % rounded(value, 2 if value < 10 else 1 if value < 100 else 0)


def rate(per_second: float | None) -> str:
    """Tokens per second: two digits that mean something."""
    if per_second is None:
        return ""
    return _("%s tok/s") % rounded(per_second, 0 if per_second >= 10 else 1)


def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars with two significant digits and at least cents. None is an empty text: not known."""
    if amount is None:
        return ""
    if amount < 0:  # what a correction takes off
        return f"{_MINUS}{dollars(-amount)}"
    if 0 < amount < SMALLEST_DOLLARS:
        return f"<${number_format(SMALLEST_DOLLARS, 4)}"
    # The first digit that is not 0 stands at this decimal place; show one more.
    places = 2 if amount == 0 else min(4, max(2, 1 - amount.adjusted()))
    return f"${rounded(amount, places)}"


def exact_dollars(amount: Decimal | None) -> str:
    """Every digit that the ledger has, and at least cents: "$0.002800001"."""
    if amount is None:
        return ""
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{_MINUS if amount < 0 else ''}${number_format(abs(amount), places, force_grouping=True)}"


def percent(share: float | Decimal) -> str:
    """0.123 as "12%"; more than nothing that rounds to it as "<1%"."""
    return "<1%" if 0 < share < Decimal("0.005") else _("%s%%") % rounded(share * 100, 0)


def rounded(value: float | Decimal, places: int) -> str:
    """By the locale; `number_format` alone would cut digits off instead of rounding."""
    return number_format(round(Decimal(value), places), places, force_grouping=True)
