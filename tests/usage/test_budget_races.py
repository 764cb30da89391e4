"""Many at once, on a real database with real threads: never more than there is, and nothing lost."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Q

from playground.chat.errors import OverBudget
from playground.chat.services.messages import post_message
from playground.runs.models import Run
from playground.runs.outcomes import interrupt_abandoned
from playground.usage.budgets import claim, hold
from playground.usage.models import BudgetPot, Hold
from tests.chat.making import end_run
from tests.usage.books import assert_every_ended_run_has_one_entry, assert_pots_are_exact, assert_sums_are_exact
from tests.usage.conftest import WORST

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = 200
THREADS = 40  # PostgreSQL takes about a hundred connections
FITTING = 10
SEEDS = range(5)


def at_once(acts) -> list:
    """All of `acts` in threads that begin together; their results."""
    barrier = threading.Barrier(THREADS, timeout=120)
    queue = list(enumerate(acts))
    results = [None] * len(queue)

    def work():
        try:
            barrier.wait()
            while True:
                try:
                    place, act = queue.pop()
                except IndexError:
                    return
                results[place] = act()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work) for _ in range(THREADS)]:
            done.result()
    return results


def post(owner, model, parameters=None):
    """The run; None when it was refused."""

    def act():
        try:
            posted = post_message(
                owner=owner, conversation=None, text="Hello", model=model, parameters=parameters or {}
            )
        except OverBudget:
            return None
        return posted.answer.run

    return act


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_hundred_at_once_exactly_those_pass_that_fit(seed, alice, bob, model, make_budget):
    chance = random.Random(seed)
    make_budget(amount=FITTING * WORST)
    make_budget(scope="each", amount=FITTING * WORST, period="month")
    runs = [run for run in at_once(post(chance.choice([alice, bob]), model) for _ in range(REQUESTS)) if run]
    assert len(runs) == FITTING == Run.objects.count()
    assert BudgetPot.objects.get(budget__scope="all").held == FITTING * WORST
    assert_pots_are_exact()


@pytest.mark.parametrize("seed", SEEDS)
def test_of_different_sizes_none_is_refused_that_would_fit_and_their_sum_fits(seed, alice, bob, model, make_budget):
    chance = random.Random(seed)
    limit = 3 * WORST
    make_budget(amount=limit)
    sizes = [chance.randint(1, 1000) for _ in range(REQUESTS)]
    needed = [Decimal(8 * 2 + size * 8) / 1_000_000 for size in sizes]
    people = [chance.choice([alice, bob]) for _ in sizes]
    runs = at_once(
        post(*one, {"max_completion_tokens": size})
        for *one, size in zip(people, [model] * REQUESTS, sizes, strict=True)
    )
    passed = sum((cost for cost, run in zip(needed, runs, strict=True) if run), Decimal(0))
    assert passed == BudgetPot.objects.get().held <= limit
    assert all(passed + cost > limit for cost, run in zip(needed, runs, strict=True) if not run)


@pytest.mark.parametrize("seed", SEEDS)
def test_sends_and_ends_at_once_never_pass_the_limit_and_lose_nothing(seed, alice, bob, model, make_budget):
    """Runs end while others are sent: what is given back is spent again, and the sum is the ledger's to the last digit."""
    chance = random.Random(seed)
    limit = 3 * WORST
    make_budget(amount=limit)
    make_budget(scope="person", person=alice, amount=2 * WORST, period="day")
    seen = []

    def send_and_end(owner, way):
        run = post(owner, model)()
        if run is None:
            return
        pot = BudgetPot.objects.get(budget__scope="all")
        seen.append(pot.spent + pot.held)
        if way == "reaped":
            interrupt_abandoned(Q(pk=run.pk))
        elif way == "ended":
            end_run(run, "Hi.")

    ways = ["ended", "ended", "ended", "reaped", "goes on"]
    at_once(partial(send_and_end, chance.choice([alice, bob]), chance.choice(ways)) for _ in range(REQUESTS))
    assert max(seen) <= limit
    assert_pots_are_exact()
    assert_every_ended_run_has_one_entry()
    assert_sums_are_exact()
    for run in Run.objects.active():
        end_run(run)
    assert not Hold.objects.exists()
    assert_pots_are_exact()


def test_pots_that_are_made_while_runs_end_miss_nothing(alice, model, make_budget):
    """A budget appears while runs end: whatever comes first, its pot has all of them."""
    runs = [post(alice, model)() for _ in range(60)]
    budgets = [make_budget(amount=100) for _ in range(3)]

    def spend():
        with transaction.atomic():
            hold(claim(owner=alice, worst_case=lambda: WORST), run=runs[0].uuid)
            transaction.set_rollback(True)
        with transaction.atomic():
            hold(claim(owner=alice, worst_case=lambda: WORST), run=Run._meta.get_field("uuid").get_default())

    at_once([*(lambda run=run: end_run(run, "Hi.") for run in runs), *(spend for _ in range(20))])
    assert BudgetPot.objects.count() == len(budgets)
    for pot in BudgetPot.objects.select_related("budget"):
        assert pot.spent == 60 * Decimal("0.00057")
        assert pot.held == 20 * WORST
