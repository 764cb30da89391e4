from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from playground.lib.money import from_integer, to_integer
from playground.usage.models import DailyUsage


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=9, allow_nan=False))
def test_nine_decimals_survive(amount):
    assert from_integer(to_integer(amount)) == amount


def test_what_is_finer_is_rounded_half_to_even():
    assert to_integer(Decimal("0.0000000005")) == 0
    assert to_integer(Decimal("0.0000000015")) == 2


@pytest.mark.django_db
def test_sums_in_the_database_are_exact(alice):
    """0.1 and 0.2 are not, as binary fractions, and a float has not the digits for the third."""
    import datetime

    amounts = [Decimal("0.1"), Decimal("0.2"), Decimal("123456789.000000001")]
    for number, amount in enumerate(amounts):
        day = datetime.date(2026, 1, 1 + number)
        DailyUsage.objects.create(day=day, owner=alice, provider="p", model_name="p/m", source="chat", amount=amount)
    assert DailyUsage.objects.aggregate(sum=Sum("amount"))["sum"] == sum(amounts)
    assert sorted(DailyUsage.objects.values_list("amount", flat=True)) == amounts
