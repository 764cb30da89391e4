"""Figures at the head of an answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.chat.templatetags.figures import count, dollars, rate, seconds


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, ""),
        (Decimal(0), "$0.00"),
        (Decimal("0.00001"), "<$0.0001"),
        (Decimal("0.00541"), "$0.0054"),
        (Decimal("0.00567"), "$0.0057"),
        (Decimal("0.037"), "$0.037"),
        (Decimal("0.5"), "$0.50"),
        (Decimal("1234.5"), "$1,234.50"),
    ],
)
def test_dollars_show_two_digits_that_mean_something_and_at_least_cents(amount, shown):
    assert dollars(amount) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(None, ""), (0, "0.00 s"), (414, "0.41 s"), (12_345, "12.3 s"), (125_000, "125 s")]
)
def test_seconds_lose_digits_as_they_grow(milliseconds, shown):
    assert seconds(milliseconds) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0, "0"), (1_047_576, "1,047,576")])
def test_counts_are_grouped_and_unknown_is_not_zero(value, shown):
    assert count(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (91.6, "92 tok/s"), (4.25, "4.2 tok/s")])
def test_rates_show_two_digits(value, shown):
    assert rate(value) == shown
