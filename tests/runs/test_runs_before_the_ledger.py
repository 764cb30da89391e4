"""Upgrading enters the runs there are."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from playground.runs.models import Run, RunStatus
from playground.usage.models import LedgerEntry
from tests.chat.making import make_model
from tests.usage.books import assert_every_ended_run_has_one_entry, assert_sums_are_exact

enter = import_module("playground.runs.migrations.0002_runs_before_the_ledger").enter


def make_run(owner, model, number, **fields):
    return Run.objects.create(
        owner=owner,
        model=model,
        model_name=model.public_name,
        source="chat",
        request_id=f"run {number}",
        **{"status": RunStatus.COMPLETED, "prompt_tokens": 1000, "completion_tokens": 100, **fields},
    )


@pytest.mark.django_db
def test_every_run_that_ended_is_entered_with_the_price_of_its_day(alice, bob):
    priced, unpriced = make_model("priced"), make_model("unpriced")
    unpriced.prices.all().delete()
    measured = make_run(
        alice, priced, 1, first_token_ms=120, duration_ms=900, response={"usage": {"total_tokens": 1100}}
    )
    make_run(alice, priced, 2, status=RunStatus.STOPPED, is_estimated=True, first_token_ms=100)
    without = make_run(bob, unpriced, 3, status=RunStatus.INTERRUPTED)
    never_sent = make_run(bob, unpriced, 4, status=RunStatus.FAILED, prompt_tokens=None, completion_tokens=None)
    make_run(bob, priced, 5, status=RunStatus.STREAMING)

    enter(apps, None)

    assert_every_ended_run_has_one_entry()
    assert_sums_are_exact()
    amounts = dict(LedgerEntry.objects.values_list("run", "amount"))
    assert amounts[measured.uuid] == Decimal("0.0028")
    assert amounts[without.uuid] is None
    assert amounts[never_sent.uuid] == 0


@pytest.mark.django_db
def test_a_new_installation_has_nothing_to_enter():
    enter(apps, None)
    assert not LedgerEntry.objects.exists()
