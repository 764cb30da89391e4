"""Budgets in the admin: made, listed with what is spent and left, and never by anybody else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from playground.usage.models import Budget, BudgetPot
from tests.chat.making import Chat
from tests.usage.conftest import WORST

pytestmark = pytest.mark.django_db

FORM = {
    "scope": "all",
    "amount": "12.50",
    "period": "month",
    "warn_percent": "80",
    "is_blocking": "on",
    "is_enabled": "on",
}


def test_an_admin_makes_one(admin_client):
    answer = admin_client.post("/admin/usage/budget/add/", FORM)
    assert answer.status_code == 302
    budget = Budget.objects.get()
    assert (budget.amount, budget.period, budget.is_blocking) == (Decimal("12.50"), "month", True)


def test_a_budget_without_its_person_is_explained(admin_client):
    answer = admin_client.post("/admin/usage/budget/add/", {**FORM, "scope": "person"})
    assert answer.status_code == 200
    assert "Name the person, the group or the key that it is for" in answer.content.decode()
    assert not Budget.objects.exists()


def test_whom_it_is_for_and_its_period_stay(admin_client, make_budget):
    budget = make_budget(amount=1)
    admin_client.post(
        f"/admin/usage/budget/{budget.pk}/change/", {**FORM, "amount": "3", "scope": "each", "period": "day"}
    )
    budget.refresh_from_db()
    assert (budget.amount, budget.scope, budget.period) == (3, "all", "total")


def test_the_list_says_what_is_spent_held_and_left(admin_client, alice, model, make_budget):
    make_budget(amount=1, period="month")
    Chat.begin(alice, model, "Hello").end("Hi.")
    Chat.begin(alice, model, "Hello")
    html = admin_client.get("/admin/usage/budget/").content.decode()
    for text in ("everybody together", "$1.00", "$0.0006", "$0.008", "$0.99", "0 %"):
        assert text in html, text
    assert "$0.99" in admin_client.get("/admin/usage/budgetpot/").content.decode()


@pytest.mark.parametrize("path", ["budget", "budgetpot"])
def test_lists_take_as_many_queries_for_a_thousand_rows(path, admin_client, alice, django_assert_max_num_queries):
    group = Group.objects.create(name="writers")

    def more(count):
        budgets = [Budget(scope="person", person=alice, amount=1, period="day") for _ in range(count // 2)]
        budgets += [Budget(scope="group", group=group, amount=1, period="day") for _ in range(count // 2)]
        made = Budget.objects.bulk_create(budgets)
        BudgetPot.objects.bulk_create(
            BudgetPot(budget=budget, starts_on="2026-01-01", spent=Decimal(1)) for budget in made
        )

    more(10)
    admin_client.get(f"/admin/usage/{path}/")
    with django_assert_max_num_queries(12) as few:
        assert admin_client.get(f"/admin/usage/{path}/").status_code == 200
    count = len(few)
    more(1000)
    with django_assert_max_num_queries(count):
        assert admin_client.get(f"/admin/usage/{path}/").status_code == 200


def test_a_recount_from_the_list(admin_client, alice, model, make_budget):
    budget = make_budget(amount=1)
    Chat.begin(alice, model, "Hello")
    BudgetPot.objects.update(held=0)
    admin_client.post("/admin/usage/budget/", {"action": "recount_pots", "_selected_action": [budget.pk]})
    assert BudgetPot.objects.get().held == WORST


def test_a_budget_goes_with_its_pots_and_a_pot_not_by_itself(admin_client, alice, model, make_budget):
    budget = make_budget(amount=1)
    Chat.begin(alice, model, "Hello")
    pot = BudgetPot.objects.get()
    assert admin_client.post(f"/admin/usage/budgetpot/{pot.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"/admin/usage/budget/{budget.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not BudgetPot.objects.exists()


def test_nobody_else_gets_there(alice_client, make_budget):
    budget = make_budget(amount=1)
    for path in ("", "add/", f"{budget.pk}/change/"):
        assert alice_client.get(f"/admin/usage/budget/{path}").status_code in {302, 403}
