"""What is held before a run is sent, what is refused, and what becomes of holds."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from playground.chat.errors import OverBudget
from playground.chat.models import Conversation, Message
from playground.chat.services.deleting import purge
from playground.runs import services
from playground.runs.holds import release_gone
from playground.runs.models import Run, RunStatus
from playground.usage.budgets import BudgetExceeded, UnpricedRefused, claim, hold
from playground.usage.ledger import record
from playground.usage.models import Budget, BudgetPot, Hold, LedgerEntry
from playground.usage.repricing import carry_out
from playground.usage.settling import recount, settle, tidy
from playground.usage.windows import BEGINNING
from tests.chat.making import Chat, end_run, make_model
from tests.usage.books import assert_pots_are_exact
from tests.usage.conftest import WORST
from tests.usage.test_ledger import spent
from tests.usage.test_repricing import decide, scope

REAL = Decimal("0.00057")  # 80 fresh and 20 cached tokens, 50 of answer: what `end_run` reports

pytestmark = pytest.mark.django_db


def begin(owner, model) -> Chat:
    return Chat.begin(owner, model, "Hello")


def take(owner, amount="1", **more):
    """Hold `amount` for a run that nobody makes."""
    made = claim(owner=owner, worst_case=lambda: Decimal(amount), **more)
    with transaction.atomic():
        hold(made, run=uuid.uuid4())


class TestHolding:
    def test_the_worst_case_is_held_while_a_run_goes_on_and_the_real_amount_spent_at_its_end(
        self, alice, model, make_budget
    ):
        budget = make_budget(amount=1)
        chat = begin(alice, model)
        pot = BudgetPot.objects.get()
        assert (pot.budget, pot.spent, pot.held) == (budget, 0, WORST)
        chat.end("Hi.")
        pot.refresh_from_db()
        assert (pot.spent, pot.held) == (REAL, 0)
        assert not Hold.objects.exists()

    def test_what_does_not_fit_is_refused_and_leaves_no_trace(self, alice, model, make_budget):
        make_budget(amount=WORST * 2 - Decimal("0.000001"))
        begin(alice, model)
        with pytest.raises(OverBudget):
            begin(alice, model)
        assert Conversation.objects.count() == Run.objects.count() == Hold.objects.count() == 1
        assert Message.objects.count() == 2
        assert BudgetPot.objects.get().held == WORST

    def test_the_refusal_says_how_things_stand(self, alice, make_budget):
        budget = make_budget(amount=10, period="month")
        record([spent(alice, make_model("priced"), ran_at=timezone.now())])
        take(alice, "9.5")
        with pytest.raises(BudgetExceeded) as caught:
            take(alice, "0.5")
        refused = caught.value
        assert (refused.budget, refused.limit, refused.spent) == (budget, 10, Decimal("0.0028"))
        assert (refused.held, refused.needed) == (Decimal("9.5"), Decimal("0.5"))
        assert refused.window.until > timezone.now().date()

    def test_every_budget_must_have_enough_and_none_keeps_what_another_refused(self, alice, model, make_budget):
        make_budget(amount=1)
        make_budget(scope="person", person=alice, amount=WORST / 2)
        with pytest.raises(OverBudget):
            begin(alice, model)
        assert {pot.held for pot in BudgetPot.objects.all()} <= {0}

    def test_one_that_only_warns_refuses_nothing_and_counts_all_the_same(self, alice, model, make_budget):
        make_budget(amount=0, is_blocking=False)
        begin(alice, model).end("Hi.")
        assert BudgetPot.objects.get().spent == REAL

    def test_a_disabled_budget_refuses_nothing(self, alice, model, make_budget):
        make_budget(amount=0, is_enabled=False)
        begin(alice, model)
        assert not Hold.objects.exists()

    def test_a_model_without_a_price_holds_nothing(self, alice, model, make_budget):
        make_budget(amount=0)
        model.prices.all().delete()
        begin(alice, model)
        assert not Hold.objects.exists()

    def test_unless_a_budget_pays_only_for_what_is_known(self, alice, model, make_budget):
        make_budget(blocks_unpriced=True)
        model.prices.all().delete()
        with pytest.raises(OverBudget):
            begin(alice, model)
        with pytest.raises(UnpricedRefused):
            hold(claim(owner=alice, worst_case=lambda: None), run=uuid.uuid4())

    def test_what_costs_nothing_passes_a_budget_that_is_used_up(self, alice, model, make_budget):
        make_budget(amount=0)
        model.prices.update(input=0, cached_input=0, output=0)
        begin(alice, model)

    def test_a_caller_who_does_not_say_what_is_sent_holds_the_most_the_model_can_cost(self, alice, model, make_budget):
        make_budget(amount=1)
        services.create_run(owner=alice, source="chat", model=model, request_id="a", request={}, receipt={})
        assert Hold.objects.get().amount == Decimal("0.208")  # 100,000 tokens at $2 and 1,000 at $8

    def test_a_duplicate_holds_once(self, alice, model, make_budget):
        make_budget(amount=1)
        for _ in range(2):
            Chat.begin(alice, model, "Hello", request_id="same")
        assert Hold.objects.get().amount == WORST


class TestWhom:
    def test_a_person(self, alice, bob, make_budget):
        make_budget(scope="person", person=alice)
        take(bob)
        with pytest.raises(BudgetExceeded):
            take(alice)

    def test_a_group_shares_one_pot(self, alice, bob, admin, make_budget):
        group = Group.objects.create(name="writers")
        alice.groups.add(group)
        bob.groups.add(group)
        make_budget(scope="group", group=group, amount=1)
        take(admin)
        take(alice)
        with pytest.raises(BudgetExceeded):
            take(bob)

    def test_each_person_has_a_pot(self, alice, bob, make_budget):
        make_budget(scope="each", amount=1)
        take(alice)
        take(bob)
        with pytest.raises(BudgetExceeded):
            take(alice)
        assert {pot.person for pot in BudgetPot.objects.all()} == {alice, bob}

    def test_all_share_one_pot(self, alice, bob, make_budget):
        make_budget(amount=1)
        take(alice)
        with pytest.raises(BudgetExceeded):
            take(bob)

    def test_a_key_is_known_by_its_label(self, alice, bob, make_budget):
        make_budget(scope="key", key="sk-abc", amount=1)
        take(alice)
        take(alice, key="sk-other")
        take(alice, key="sk-abc")
        with pytest.raises(BudgetExceeded):
            take(bob, key="sk-abc")

    def test_a_trial_credit_is_for_those_who_joined_since(self, alice, bob, make_budget):
        alice.date_joined = datetime.datetime(2026, 1, 31, 23, 59, tzinfo=datetime.UTC)
        alice.save()
        bob.date_joined = datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)
        bob.save()
        make_budget(scope="each", amount=1, joined_since=datetime.date(2026, 2, 1))
        take(alice, "5")
        take(bob)
        with pytest.raises(BudgetExceeded):
            take(bob)

    @pytest.mark.parametrize(
        "fields",
        [
            {"scope": "person"},
            {"scope": "group"},
            {"scope": "key"},
            {"scope": "all", "key": "sk-abc"},
            {"scope": "each", "person": True},
            {"scope": "person", "person": True, "key": "sk-abc"},
            {"scope": "all", "joined_since": datetime.date(2026, 1, 1)},
            {"scope": "all", "amount": -1},
            {"scope": "all", "warn_percent": 0},
            {"scope": "all", "warn_percent": 101},
        ],
    )
    def test_the_database_refuses_a_budget_that_makes_no_sense(self, alice, make_budget, fields):
        if fields.get("person"):
            fields = {**fields, "person": alice}
        with pytest.raises(IntegrityError), transaction.atomic():
            make_budget(**fields)


class TestSettling:
    def test_a_run_that_was_never_sent_gives_all_back(self, alice, model, make_budget):
        make_budget(amount=1)
        run = begin(alice, model).answer.run
        record([spent(alice, model, run=run.uuid, was_sent=False, status="failed")])
        pot = BudgetPot.objects.get()
        assert (pot.spent, pot.held) == (0, 0)

    def test_a_pot_begins_with_what_the_ledger_says(self, alice, model, make_budget):
        record([spent(alice, model)])
        make_budget(amount=1)
        begin(alice, model)
        assert BudgetPot.objects.get().spent == Decimal("0.0028")

    def test_a_budget_made_meanwhile_pays_too(self, alice, bob, model, make_budget):
        chat = begin(alice, model)
        make_budget(amount=1)
        begin(bob, model)
        chat.end("Hi.")
        pot = BudgetPot.objects.get()
        assert (pot.spent, pot.held) == (REAL, WORST)

    def test_what_costs_more_than_was_held_is_spent_in_full(self, alice, model, make_budget):
        make_budget(amount=WORST)
        run = begin(alice, model).answer.run
        record([spent(alice, model, run=run.uuid, ran_at=run.created_at, prompt_tokens=1_000_000)])
        assert BudgetPot.objects.get().spent > WORST
        with pytest.raises(OverBudget):
            begin(alice, model)

    def test_a_correction_changes_what_is_spent(self, alice, model, make_budget):
        make_budget(amount=1)
        begin(alice, model).end("Hi.")
        wrong = LedgerEntry.objects.get()
        copied = ("run", "ran_at", "day", "owner_id", "owner_name", "source", "provider", "model_name", "status")
        right = LedgerEntry(
            kind="correction",
            corrects=wrong,
            amount=-REAL,
            **{name: getattr(wrong, name) for name in copied},
        )
        settle([right])
        assert BudgetPot.objects.get().spent == 0

    def test_a_repricing_is_paid_by_the_budgets_of_its_days(self, alice, model, make_budget):
        """Twice the price of March: the pot of everybody has twice as much, that of another month nothing."""
        make_budget(amount=1)
        make_budget(amount=1, period="month")
        record([spent(alice, model)])
        begin(alice, model)
        carry_out(decide(scope()))
        total, month = BudgetPot.objects.order_by("budget")
        assert (total.spent, total.held) == (2 * Decimal("0.0028"), WORST)
        assert month.spent == 0

    def test_what_a_deleted_run_held_is_given_back(self, alice, model, make_budget):
        make_budget(amount=WORST)
        chat = begin(alice, model)
        assert release_gone() == 0
        Conversation.objects.update(deleted_at=timezone.now() - datetime.timedelta(days=31))
        purge()
        assert not Run.objects.exists()
        assert release_gone() == 1
        assert BudgetPot.objects.get().held == 0
        begin(chat.owner, model)

    def test_what_a_deleted_person_held_is_given_back(self, alice, bob, model, make_budget):
        make_budget(amount=WORST)
        make_budget(scope="each", amount=1)
        begin(alice, model)
        alice.delete()
        assert release_gone() == 1
        begin(bob, model)

    def test_a_queued_message_is_paid_from_what_the_answer_before_it_gave_back(self, alice, model, make_budget):
        make_budget(amount=WORST * Decimal("1.2"))
        chat = begin(alice, model)
        first = chat.answer.run
        queued = chat.say("Hello").user_message
        end_run(first, "Hi.")
        queued.refresh_from_db()
        assert queued.queued is None
        assert Run.objects.filter(status=RunStatus.QUEUED).count() == 1

    def test_it_is_held_back_when_the_budget_is_used_up(self, alice, model, make_budget):
        make_budget(amount=WORST)
        chat = begin(alice, model)
        first = chat.answer.run
        queued = chat.say("Hello").user_message
        end_run(first, "Hi.")
        queued.refresh_from_db()
        assert (queued.queued["is_held"], queued.queued["reason"]) == (True, "over_budget")
        assert Run.objects.get().status == RunStatus.COMPLETED
        assert BudgetPot.objects.get().spent == REAL


class TestUpkeep:
    def test_a_recount_puts_right_what_is_wrong(self, alice, model, make_budget, caplog):
        make_budget(amount=1)
        begin(alice, model).end("Hi.")
        begin(alice, model)
        BudgetPot.objects.update(spent=5, held=7)
        assert recount(BudgetPot.objects.all()) == 1
        assert "spent 5" in caplog.text
        assert recount(BudgetPot.objects.all()) == 0
        assert_pots_are_exact()

    def test_somebody_who_joins_a_group_brings_along_what_they_spent(self, alice, bob, model, make_budget):
        group = Group.objects.create(name="writers")
        alice.groups.add(group)
        make_budget(scope="group", group=group, amount=1)
        begin(alice, model).end("Hi.")
        begin(bob, model).end("Hi.")
        bob.groups.add(group)
        assert tidy() == 1
        assert BudgetPot.objects.get().spent == 2 * REAL

    def test_pots_whose_time_is_long_over_go_unless_they_hold_something(self, alice, make_budget):
        make_budget(amount=100)
        daily = make_budget(amount=100, period="day")
        take(alice)
        long_ago = timezone.now().date() - datetime.timedelta(days=101)
        old = BudgetPot.objects.create(budget=daily, starts_on=long_ago)
        holding = BudgetPot.objects.create(budget=daily, starts_on=long_ago - datetime.timedelta(days=1))
        Hold.objects.create(run=uuid.uuid4(), pot=holding, amount=1)
        tidy()
        left = set(BudgetPot.objects.values_list("pk", flat=True))
        assert old.pk not in left
        assert holding.pk in left
        assert BudgetPot.objects.filter(starts_on=BEGINNING).exists()


class TestCost:
    def test_without_a_budget_a_run_costs_one_query_more(self, alice, django_assert_num_queries):
        with django_assert_num_queries(1):
            made = claim(owner=alice, worst_case=lambda: pytest.fail("nobody needs it"))
            hold(made, run=uuid.uuid4())

    def test_with_budgets_a_few(self, alice, make_budget, django_assert_num_queries):
        for _ in range(3):
            make_budget(amount=10)
        take(alice)  # makes the pots
        clock = 1 if connection.vendor == "postgresql" else 0
        # Budgets, savepoint and its release, pots, an update for each, the holds.
        with django_assert_num_queries(3 + 1 + 3 + 1 + clock):
            take(alice)

    def test_ends_take_as_many_however_many(self, alice, model, make_budget, django_assert_num_queries):
        make_budget(scope="each", amount=10)
        make_budget(scope="person", person=alice, amount=10)

        def ended(count):
            runs = []
            for _ in range(count):
                run = uuid.uuid4()
                hold(claim(owner=alice, worst_case=lambda: WORST), run=run)
                runs.append(spent(alice, model, run=run, ran_at=timezone.now()))
            return runs

        record(ended(1))
        one, many = ended(1), ended(30)
        expected = 8 + (1 if connection.vendor == "postgresql" else 0)
        # Prices, entries, usage, pots, holds, and what changed of both; no first tokens. A lock on PostgreSQL.
        with django_assert_num_queries(expected - 1):
            record(one)
        with django_assert_num_queries(expected - 1):
            record(many)
        assert Budget.objects.count() == 2
        assert_pots_of_nobody()


def assert_pots_of_nobody():
    assert {pot.held for pot in BudgetPot.objects.all()} == {0}
