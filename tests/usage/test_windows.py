"""Days and months end in UTC, at the same moment for everybody, and nothing is counted twice or not at all."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from playground.chat.errors import OverBudget
from playground.runs.models import Run
from playground.usage import budgets
from playground.usage.models import BudgetPot, LedgerEntry
from playground.usage.windows import BEGINNING, window_on
from tests.chat.making import Chat
from tests.usage.books import assert_pots_are_exact
from tests.usage.conftest import WORST

pytestmark = pytest.mark.django_db

EDGES = [
    ("day", "2026-11-25T23:59:59.999Z", "2026-11-26T00:00:00Z", True),
    ("day", "2026-11-25T00:00:00Z", "2026-11-25T23:59:59.999Z", False),
    ("day", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", True),
    ("day", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", False),  # clocks go forward in Europe
    ("day", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", False),  # and back
    ("month", "2026-11-30T23:59:59.999Z", "2026-12-01T00:00:00Z", True),
    ("month", "2026-12-01T00:00:00Z", "2026-12-31T23:59:59.999Z", False),
    ("month", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", True),
    ("month", "2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z", False),
    ("month", "2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", True),
    ("total", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", False),
    ("total", "2026-11-25T12:00:00Z", "2036-11-25T12:00:00Z", False),
]


@pytest.fixture(autouse=True)
def one_clock(monkeypatch):
    """The database goes by the clock of the test."""
    monkeypatch.setattr(budgets, "database_now", timezone.now)


def begin(owner, model):
    return Chat.begin(owner, model, "Hello")


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge[0]} {edge[2]}")
def test_a_budget_starts_anew_when_its_window_does(edge, alice, model, make_budget):
    period, before, after, is_new = edge
    make_budget(amount=WORST, period=period)
    with time_machine.travel(before, tick=False):
        begin(alice, model)
    with time_machine.travel(after, tick=False):
        if is_new:
            begin(alice, model)
        else:
            with pytest.raises(OverBudget):
                begin(alice, model)
    assert BudgetPot.objects.count() == 1 + is_new
    assert sum(pot.held for pot in BudgetPot.objects.all()) == WORST * (1 + is_new)


def test_what_ends_in_the_next_window_is_spent_in_the_one_it_was_asked_in(alice, model, make_budget):
    make_budget(amount=1, period="day")
    with time_machine.travel("2026-12-31T23:59:59Z", tick=False):
        chat = begin(alice, model)
    with time_machine.travel("2027-01-01T00:00:01Z", tick=False):
        begin(alice, model)
        chat.end("Hi.")
    old, new = BudgetPot.objects.order_by("starts_on")
    assert (old.spent, old.held) == (Decimal("0.00057"), 0)
    assert (new.spent, new.held) == (0, WORST)
    assert LedgerEntry.objects.get().day == datetime.date(2026, 12, 31)
    assert_pots_are_exact()


@pytest.mark.parametrize("wrong_by", [datetime.timedelta(hours=-1), datetime.timedelta(hours=1)])
def test_the_clock_of_the_database_decides_for_hold_and_ledger_alike(wrong_by, alice, model, make_budget, monkeypatch):
    """This process is an hour wrong around midnight; the day that holds is the day that pays."""
    moment = datetime.datetime(2026, 11, 26, 0, 30, tzinfo=datetime.UTC) - max(wrong_by, datetime.timedelta(0))
    monkeypatch.setattr(budgets, "database_now", lambda: moment)
    make_budget(amount=1, period="day")
    with time_machine.travel(moment + wrong_by, tick=False):
        chat = begin(alice, model)
        assert Run.objects.get().created_at.date() == moment.date()
        chat.end("Hi.")
    assert LedgerEntry.objects.get().day == moment.date()
    pot = BudgetPot.objects.get()
    assert (pot.starts_on, pot.spent, pot.held) == (moment.date(), Decimal("0.00057"), 0)


def test_a_clock_that_goes_back_finds_the_old_window_as_it_was(alice, model, make_budget):
    make_budget(amount=WORST, period="day")
    for moment, fits in (
        ("2026-11-25T23:59:00Z", True),
        ("2026-11-26T00:01:00Z", True),
        ("2026-11-25T23:58:00Z", False),
        ("2026-11-26T00:02:00Z", False),
    ):
        with time_machine.travel(moment, tick=False):
            if fits:
                begin(alice, model)
            else:
                with pytest.raises(OverBudget):
                    begin(alice, model)
    assert BudgetPot.objects.count() == 2


def test_windows_of_a_period_follow_each_other_without_gap_or_overlap():
    day = datetime.date(2027, 12, 25)
    for period in ("day", "month"):
        for number in range(500):
            window = window_on(period, day + datetime.timedelta(days=number))
            assert window.first <= day + datetime.timedelta(days=number) < window.until
            assert window_on(period, window.until).first == window.until
            assert window_on(period, window.until - datetime.timedelta(days=1)) == window
    assert window_on("total", day).first == BEGINNING
