"""Whatever happens in whatever order: pots say what ledger and holds say, and blocking ones never hold more than they have."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playground.usage import budgets
from playground.usage.budgets import BudgetExceeded, claim, hold, spent_by_ledger
from playground.usage.ledger import record
from playground.usage.models import Budget, BudgetPot, Hold, LedgerEntry
from playground.usage.rollups import add_up
from playground.usage.settling import recount, release, settle
from tests.usage.test_ledger import NOON, spent

COPIED = ("run", "ran_at", "day", "owner_id", "owner_name", "source", "provider", "model_name", "status", "key")

SCOPES = ["all", "each", "alice", "writers", "sk-abc"]
OPERATIONS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 1), st.integers(1, 300), st.sampled_from(["", "sk-abc"])),
    st.tuples(st.just("end"), st.integers(0, 20), st.integers(0, 400)),
    st.tuples(st.just("correct"), st.integers(0, 20), st.integers(-100, 100)),
    st.tuples(st.just("lose"), st.integers(0, 20)),
    st.tuples(
        st.just("budget"), st.sampled_from(SCOPES), st.sampled_from(["day", "month", "total"]), st.integers(0, 500)
    ),
    st.tuples(st.just("edit"), st.integers(0, 5), st.integers(0, 500), st.booleans(), st.booleans()),
    st.tuples(st.just("remove"), st.integers(0, 5)),
    st.tuples(st.just("midnight")),
)


class World:
    """Runs that go on, and the clock of the database."""

    def __init__(self, people, model, group):
        self.people, self.model, self.group = people, model, group
        self.now = NOON.replace(day=30)
        self.live = []
        self.refusals = []

    def send(self, who, cents, key):
        owner, run = self.people[who], uuid.uuid4()
        try:
            with transaction.atomic():
                hold(claim(owner=owner, worst_case=lambda: Decimal(cents) / 100, key=key), run=run)
        except BudgetExceeded as refused:
            self.refusals.append(refused)
        else:
            self.live.append((run, owner, self.now, key))

    def end(self, which, tokens):
        if self.live:
            run, owner, ran_at, key = self.live.pop(which % len(self.live))
            record([spent(owner, self.model, run=run, ran_at=ran_at, key=key, prompt_tokens=tokens * 1000)])

    def correct(self, which, cents):
        entries = list(LedgerEntry.objects.filter(kind="run").order_by("pk"))
        if entries:
            wrong = entries[which % len(entries)]
            values = {name: getattr(wrong, name) for name in COPIED}
            right = LedgerEntry(kind="correction", corrects=wrong, amount=Decimal(cents) / 100, **values)
            right.save()
            add_up([right])
            settle([right])

    def lose(self, which):
        """A run is deleted before it ends."""
        if self.live:
            run, *_rest = self.live.pop(which % len(self.live))
            release(Hold.objects.filter(run=run))

    def budget(self, scope, period, cents):
        fields = {
            "alice": {"scope": "person", "person": self.people[0]},
            "writers": {"scope": "group", "group": self.group},
            "sk-abc": {"scope": "key", "key": "sk-abc"},
        }.get(scope, {"scope": scope})
        Budget.objects.create(period=period, amount=Decimal(cents) / 100, **fields)

    def edit(self, which, cents, is_enabled, is_blocking):
        self._some(which).update(amount=Decimal(cents) / 100, is_enabled=is_enabled, is_blocking=is_blocking)

    def remove(self, which):
        self._some(which).delete()

    def midnight(self):
        self.now += datetime.timedelta(days=1)

    def _some(self, which):
        pks = list(Budget.objects.values_list("pk", flat=True))
        return Budget.objects.filter(pk__in=[pks[which % len(pks)]] if pks else [])

    def check(self):
        assert all(one.limit < one.spent + one.held + one.needed for one in self.refusals)
        live = {run for run, *_rest in self.live}
        for pot in BudgetPot.objects.select_related("budget"):
            holds = list(pot.holds.all())
            assert {one.run for one in holds} <= live
            assert pot.held == sum((one.amount for one in holds), Decimal(0))
            assert pot.spent == spent_by_ledger(pot.budget, pot.person_id, pot.window)
        assert recount(BudgetPot.objects.all()) == 0


@pytest.mark.django_db
def test_pots_always_equal_ledger_and_holds(alice, bob, model, monkeypatch):
    group = Group.objects.create(name="writers")
    bob.groups.add(group)

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(OPERATIONS, max_size=30))
    def agree(operations):
        world = World([alice, bob], model, group)
        monkeypatch.setattr(budgets, "database_now", lambda: world.now)
        with transaction.atomic():
            for name, *values in operations:
                getattr(world, name)(*values)
            world.check()
            transaction.set_rollback(True)

    agree()
