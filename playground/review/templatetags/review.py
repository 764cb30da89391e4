"""What the templates of the review, and links to it, need beyond their variables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from playground.accounts.roles import may_review_usage
from playground.lib.figures import count
from playground.review.breakdowns import Line
from playground.review.selection import Selection
from playground.review.trends import Trend
from playground.usage.charts import UNKNOWN
from playground.usage.wording import amount_words, source_label, spend_words, status_label

register = template.Library()
register.filter(may_review_usage)
register.filter(spend_words)
register.filter(status_label)
register.filter("source_name", source_label)
HALF_A_CENT = Decimal("0.005")
_MINUS = "\N{MINUS SIGN}"


@register.filter
def entry_cost(entry: Any) -> str:
    """What a run cost, as wording.amount_words has it."""
    return amount_words(entry.cost, is_estimated=entry.is_estimated)


@register.simple_tag
def selection_query(selection: Selection, **changes: Any) -> str:
    """The selection's query with what is to be different; an empty text leaves a parameter out."""
    return selection.query(**{name: value or None for name, value in changes.items()})


@register.simple_tag
def line_query(selection: Selection, dimension: str, line: Line, **changes: Any) -> str:
    """The selection narrowed to one line of a table."""
    more = {name: value or None for name, value in changes.items()}
    return selection.query(**{dimension: "" if line.value == "" else line.value}, **more)


@register.simple_tag
def month_query(month: Any, **changes: str) -> str:
    return urlencode({"month": f"{month:%Y-%m}", **changes})


@register.filter
def trend_words(trend: Trend | None) -> str:
    """What a reader without eyes hears."""
    return _("%(change)s compared with the period before") % {"change": trend.text} if trend else ""


@register.filter
def cents(amount: Decimal | int | None) -> str:
    """ "$1,234.50", to the cent; what rounds to nothing and is not as "<$0.01", a dash when it is not given."""
    if amount is None:
        return UNKNOWN
    if 0 < amount < HALF_A_CENT:
        return f"<${number_format(Decimal('0.01'), 2)}"
    rounded = round(Decimal(amount), 2)
    sign = _MINUS if rounded < 0 else ""
    return f"{sign}${number_format(abs(rounded), 2, force_grouping=True)}"


@register.filter
def difference(value: Decimal | int | None) -> str:
    """With its sign; money to the cent."""
    if value is None:
        return UNKNOWN
    shown = cents(value) if isinstance(value, Decimal) else f"{_MINUS if value < 0 else ''}{count(abs(value))}"
    return f"+{shown}" if value > 0 else shown


@register.filter
def figure_words(value: Decimal | int | None) -> str:
    """A figure of an invoice, money or tokens."""
    if value is None:
        return UNKNOWN
    return cents(value) if isinstance(value, Decimal) else count(value)
