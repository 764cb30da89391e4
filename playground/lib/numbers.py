"""Numbers inside sentences, as the reader's language writes them."""

from __future__ import annotations

from django.utils.formats import number_format


def number(value: float, decimals: int = 1) -> str:
    """1800.0 as "1,800" and 0.52 as "0.5" in English: grouped, rounded, no zeros at the end."""
    rounded = round(value, decimals)
    whole = int(rounded)
    return number_format(whole if whole == rounded else rounded, use_l10n=True, force_grouping=True)
