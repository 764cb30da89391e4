"""Which days are meant, and how a chart of them is divided."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.usage.periods import Period, read_period

TODAY = datetime.date(2026, 3, 15)
DATES = st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1))


def period(first, last):
    return Period(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ("2026-02-14", "2026-03-15")),
        ({"period": "7d"}, ("2026-03-09", "2026-03-15")),
        ({"period": "90d"}, ("2025-12-16", "2026-03-15")),
        ({"period": "month"}, ("2026-03-01", "2026-03-15")),
        ({"period": "7d", "from": "2026-01-01", "to": "2026-01-02"}, ("2026-03-09", "2026-03-15")),
        ({"from": "2026-01-01", "to": "2026-01-31"}, ("2026-01-01", "2026-01-31")),
        ({"period": "custom", "from": "2026-01-31", "to": "2026-01-01"}, ("2026-01-01", "2026-01-31")),
        ({"period": "custom", "from": "2026-03-01"}, ("2026-03-01", "2026-03-15")),
        ({"period": "custom", "to": "2026-01-31"}, ("2026-01-02", "2026-01-31")),
        ({"period": "forever"}, ("2026-02-14", "2026-03-15")),
    ],
)
def test_what_is_asked_for(asked, expected):
    choice = read_period(asked, TODAY)
    assert choice.period == period(*expected)
    assert not choice.problem


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "custom", "from": "yesterday"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2010-01-01", "to": "2026-01-01"},
        {"to": "9999-12-31"},
        {"to": "0001-01-01"},
    ],
)
def test_nonsense_is_named_and_shows_the_last_30_days(asked):
    choice = read_period(asked, TODAY)
    assert choice.period == period("2026-02-14", "2026-03-15")
    assert choice.problem


@given(DATES, st.integers(0, 3600))
def test_slots_cover_every_day_once_and_are_few(first, days):
    whole = Period(first, first + datetime.timedelta(days=days))
    slots = whole.slots()
    covered = [slot.first + datetime.timedelta(days=number) for slot in slots for number in range(slot.days)]
    assert covered == [first + datetime.timedelta(days=number) for number in range(days + 1)]
    assert len(slots) <= 120


def test_the_period_before_is_as_long_and_ends_the_day_before():
    assert period("2026-03-01", "2026-03-31").before == period("2026-01-29", "2026-02-28")


def test_labels_say_day_or_month():
    assert [slot.label for slot in period("2026-03-01", "2026-03-02").slots()] == ["Mar 1", "Mar 2"]
    assert period("2024-03-10", "2026-03-02").slots()[1].label == "Apr 2024"
    assert period("2026-03-01", "2026-03-01").title == "March 1, 2026"
