"""Amounts that are reviewed: every digit that the ledger has."""

from __future__ import annotations

from decimal import Decimal

from django import template

from playground.lib.figures import exact_dollars

register = template.Library()


@register.filter
def amount(value: Decimal) -> str:
    return exact_dollars(value)


@register.filter
def difference(value: Decimal) -> str:
    """With its sign."""
    return f"+{exact_dollars(value)}" if value > 0 else exact_dollars(value)
