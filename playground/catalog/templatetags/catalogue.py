"""Figures of the catalogue: prices, sizes and dates, by the locale and without digits that say nothing."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.catalog.wording import capability_label

register = template.Library()


@register.filter
def price(amount: Decimal | str | None) -> str:
    """US dollars per million tokens: "$2", "$0.40", "$0.025". None is an empty text, which is not free."""
    if amount is None or amount == "":
        return ""
    value = Decimal(amount).normalize()
    exponent = value.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return f"${number_format(value, max(2, places) if places else 0, force_grouping=True)}"


@register.filter
def tokens(count: int | None) -> str:
    """1047576 as "1,047,576"; an empty text when not known."""
    return "" if count is None else number_format(count, use_l10n=True, force_grouping=True)


@register.filter
def retirement(days_left: int) -> str:
    """What a badge says: "retires in 53 days", "retired"."""
    if days_left <= 0:
        return _("retired")
    return ngettext("retires in %(days)d day", "retires in %(days)d days", days_left) % {"days": days_left}


@register.filter
def capability(name: str) -> str:
    """ "json_schema" in words; an unknown one as it is."""
    return capability_label(name)


@register.filter
def words(text: str) -> str:
    """A text of the data we ship, translated where a translation exists."""
    return _(text) if text else ""
