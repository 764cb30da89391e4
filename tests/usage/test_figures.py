"""Figures of a period equal what the ledger holds, whatever they are added up by."""

import datetime
from collections import Counter
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playground.usage.figures import (
    Ask,
    Only,
    Sums,
    by_slot_and_name,
    find,
    ranked,
    total,
)
from playground.usage.models import DailyUsage, LedgerEntry
from playground.usage.periods import Period
from tests.chat.making import make_model
from tests.usage.spendings import DAY, NOON, correct, spend

MARCH = Period(datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))


@pytest.fixture
def model(db):
    return make_model("priced")  # 2 in, 8 out: $0.0028 a run of 1,000 and 100 tokens


@pytest.mark.django_db
class TestFind:
    def ask(self, *by, only=None, period=MARCH):
        return find({"it": Ask((only or Only()).usage(DailyUsage.objects.all(), period), by)})["it"]

    def test_nothing_is_nothing(self):
        assert self.ask() == self.ask("day") == {}
        assert total({}) == Sums()

    def test_a_total_adds_up_what_is_in_the_period(self, alice, bob, model):
        spend(alice, model, 3)
        spend(bob, model, ran_at=NOON - 20 * DAY)  # in February
        spend(bob, None)
        sums = self.ask()[()]
        assert (sums.runs, sums.unpriced_runs, sums.tokens, sums.amount) == (4, 1, 4400, Decimal("0.0084"))

    def test_many_questions_are_one_query(self, alice, model, django_assert_num_queries):
        spend(alice, model, 2, preset="a@1", key="sk-1")
        rows = Only().usage(DailyUsage.objects.all(), MARCH)
        dimensions = ("day", "owner_id", "provider", "model_name", "source", "preset", "key")
        asked = {name: Ask(rows, (name,)) for name in dimensions}
        with django_assert_num_queries(1):
            found = find({**asked, "both": Ask(rows, ("day", "model_name")), "all": Ask(rows)})
        assert {name: [key[0] for key in found[name]] for name in dimensions} == {
            "day": ["2026-03-15"],
            "owner_id": [str(alice.pk)],
            "provider": ["fake"],
            "model_name": ["fake/priced"],
            "source": ["chat"],
            "preset": ["a@1"],
            "key": ["sk-1"],
        }
        assert found["both"] == {("2026-03-15", "fake/priced"): found["all"][()]}

    def test_every_filter_narrows(self, alice, bob, model):
        group = Group.objects.create(name="team")
        alice.groups.add(group, Group.objects.create(name="other"))
        spend(alice, model, key="sk-1", preset="a@1", source="api")
        spend(bob, None)
        for fields in (
            {"owner": alice.pk},
            {"group": group.pk},
            {"model_name": "fake/priced"},
            {"source": "api"},
            {"key": "sk-1"},
            {"preset": "a@1"},
        ):
            assert self.ask(only=Only(**fields))[()].unpriced_runs == 0, fields
        assert self.ask(only=Only(key=""))[()].unpriced_runs == 1
        assert self.ask(only=Only(provider="fake"))[()].runs == 2

    def test_corrections_count_and_a_priced_run_is_unpriced_no_more(self, alice, model):
        (run,) = spend(alice, None)
        assert self.ask()[()].is_unpriced
        correct(run, Decimal("0.5"))
        sums = self.ask()[()]
        assert (sums.is_unpriced, sums.amount, sums.runs) == (False, Decimal("0.5"), 1)

    def test_the_largest_come_first(self, alice, model):
        spend(alice, None, 5)
        spend(alice, model, 1)
        assert [name for name, _sums in ranked(self.ask("model_name"))] == ["fake/priced", "fake/gone"]


@pytest.mark.django_db
def test_figures_equal_the_ledger(alice, bob, model):
    entries = st.builds(
        lambda owner, known, day, source, estimated: {
            "owner": owner, "model": model if known else None, "ran_at": NOON + day * DAY, "source": source,
            "is_estimated": estimated,
        },
        st.sampled_from([alice, bob]), st.booleans(), st.integers(-20, 20), st.sampled_from(["chat", "api"]), st.booleans(),
    )  # fmt: skip

    @hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(entries, max_size=12), st.sampled_from([None, alice.pk]), st.integers(0, 20), st.integers(0, 20))
    def agree(made, owner, first, days):
        with transaction.atomic():
            for fields in made:
                spend(fields.pop("owner"), fields.pop("model"), **fields)
            start = NOON.date() + (first - 10) * DAY
            period, only = Period(start, start + days * DAY), Only(owner=owner)
            found = find({"it": Ask(only.usage(DailyUsage.objects.all(), period), ("day", "source"))})["it"]
            rows = list(only.entries(LedgerEntry.objects.all(), period))
            sums = total(found)
            assert sums.runs == len(rows)
            assert sums.amount == sum((row.amount for row in rows if row.amount is not None), Decimal(0))
            assert sums.unpriced_runs == sum(row.amount is None for row in rows)
            assert sums.estimated_runs == sum(row.is_estimated for row in rows)
            slots = period.slots()
            counted = {name: [one.runs for one in column] for name, column in by_slot_and_name(found, slots).items()}
            kept = Counter((row.source, (row.day - start).days) for row in rows)
            assert {
                (name, at): runs for name, column in counted.items() for at, runs in enumerate(column) if runs
            } == kept
            transaction.set_rollback(True)

    agree()
