"""Entries, what they add up to, and what the database refuses."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playground.catalog.models import Price
from playground.usage.ledger import amounts_of, record
from playground.usage.models import DailyUsage, LedgerEntry
from playground.usage.models.ledger import Immutable
from playground.usage.rollups import add_up
from playground.usage.spending import Spending
from tests.chat.making import make_model
from tests.usage.books import assert_sums_are_exact

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def spent(owner, model, **fields):
    return Spending(
        **{
            "run": uuid.uuid4(),
            "ran_at": NOON,
            "owner": owner.pk,
            "owner_name": owner.username,
            "source": "chat",
            "model": model.pk if model else None,
            "model_name": model.public_name if model else "fake/gone",
            "status": "completed",
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            **fields,
        }
    )


@pytest.fixture
def model(db):
    return make_model("priced")  # 2 in, 0.5 cached, 8 out


@pytest.mark.django_db
class TestAmounts:
    def amount(self, spending):
        record([spending])
        return LedgerEntry.objects.get(run=spending.run).amount

    def test_tokens_by_the_price_of_their_kind(self, alice, model):
        assert self.amount(spent(alice, model, cached_tokens=400)) == Decimal("0.0022")  # 600*2 + 400*0.5 + 100*8

    def test_the_price_of_the_day_counts(self, alice, model):
        Price.objects.create(model=model, starts_on=datetime.date(2026, 3, 2), input=Decimal(20), output=Decimal(80))
        assert self.amount(spent(alice, model)) == Decimal("0.0028")
        assert self.amount(spent(alice, model, ran_at=NOON + datetime.timedelta(days=1))) == Decimal("0.028")

    def test_unpriced_is_not_nothing(self, alice, model):
        model.prices.all().delete()
        spending = spent(alice, model)
        assert self.amount(spending) is None
        assert amounts_of([spending.run]) == {}
        assert DailyUsage.objects.get().unpriced_runs == 1

    def test_a_model_that_is_gone_is_unpriced(self, alice, db):
        assert self.amount(spent(alice, None)) is None

    def test_what_was_never_sent_cost_nothing_even_unpriced(self, alice, db):
        nothing = spent(alice, None, status="failed", was_sent=False, prompt_tokens=None, completion_tokens=None)
        assert self.amount(nothing) == 0

    def test_the_price_is_kept_with_the_entry(self, alice, model):
        spending = spent(alice, model)
        record([spending])
        Price.objects.all().delete()
        entry = LedgerEntry.objects.get(run=spending.run)
        assert (entry.input_price, entry.cached_price, entry.output_price) == (2, Decimal("0.5"), 8)
        assert amounts_of([spending.run]) == {spending.run: Decimal("0.0028")}


@pytest.mark.django_db
class TestUsagePayload:
    def entry(self, alice, model, usage):
        spending = spent(alice, model, usage=usage)
        record([spending])
        return LedgerEntry.objects.get(run=spending.run)

    def test_details_are_taken_where_given(self, alice, model):
        usage = {
            "prompt_tokens": 1000,
            "prompt_tokens_details": {"audio_tokens": 7, "image_tokens": 85.0},
            "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 1},
        }
        entry = self.entry(alice, model, usage)
        assert (entry.reasoning_tokens, entry.audio_tokens, entry.image_tokens) == (50, 8, 85)
        assert entry.usage == usage

    @pytest.mark.parametrize("value", [None, -1, True, "7", [], 1e300, 10**30])
    def test_odd_details_are_not_known(self, alice, model, value):
        entry = self.entry(alice, model, {"completion_tokens_details": {"reasoning_tokens": value}})
        assert entry.reasoning_tokens is None

    @pytest.mark.parametrize("usage", [{"x": "y" * 5000}, {"x": "\0"}], ids=["long", "NUL"])
    def test_what_cannot_be_a_payload_is_left_out(self, alice, model, usage):
        assert self.entry(alice, model, usage).usage is None


@pytest.mark.django_db
class TestNothingChanges:
    def test_python_refuses(self, alice, model):
        record([spent(alice, model)])
        entry = LedgerEntry.objects.get()
        for change in (entry.save, entry.delete, LedgerEntry.objects.all().delete, LedgerEntry.objects.update):
            with pytest.raises(Immutable):
                change()

    def test_the_database_refuses(self, alice, model):
        record([spent(alice, model)])
        with pytest.raises(Error, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE usage_ledgerentry SET amount = 0")

    def test_a_run_has_one_entry(self, alice, model):
        spending = spent(alice, model)
        record([spending])
        with pytest.raises(IntegrityError), transaction.atomic():
            record([spending])
        assert DailyUsage.objects.get().runs == 1

    def test_it_outlives_its_owner_and_its_model(self, alice, model):
        record([spent(alice, model)])
        model.provider.delete()
        alice.delete()
        entry = LedgerEntry.objects.select_related("owner", "price").get()
        assert (entry.owner, entry.owner_name, entry.model_name) == (None, "alice", "fake/priced")
        assert entry.amount == Decimal("0.0028")


def spendings(owners, models):
    return st.builds(
        lambda day, owner, model, status, prompt, completion, cached, ms, estimated, source: spent(
            owner,
            model,
            ran_at=NOON + datetime.timedelta(days=day),
            status=status,
            source=source,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cached_tokens=min(cached, prompt or 0),
            first_token_ms=ms,
            duration_ms=ms,
            is_estimated=estimated,
            was_sent=prompt is not None or completion is not None,
        ),
        st.integers(0, 3),
        st.sampled_from(owners),
        st.sampled_from(models),
        st.sampled_from(["completed", "stopped", "failed", "interrupted"]),
        st.none() | st.integers(0, 10**9),
        st.none() | st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.none() | st.integers(0, 10**7),
        st.booleans(),
        st.sampled_from(["chat", "api"]),
    )


@pytest.mark.django_db
def test_ledger_and_sums_always_agree(alice, bob, model):
    unpriced = make_model("unpriced")
    unpriced.prices.all().delete()

    @hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(spendings([alice, bob], [model, unpriced]), max_size=12), max_size=4))
    def agree(batches):
        with transaction.atomic():
            for batch in batches:
                record(batch)
                _correct_one(batch)
            assert_sums_are_exact()
            transaction.set_rollback(True)

    agree()


def _correct_one(batch):
    """As a re-pricing does it: the difference is an entry of its own."""
    if not batch:
        return
    wrong = LedgerEntry.objects.get(run=batch[0].run)
    copied = ("run", "ran_at", "day", "owner_id", "owner_name", "source", "provider", "model_name", "status")
    right = LedgerEntry(
        kind="correction",
        corrects=wrong,
        amount=Decimal("0.000001"),
        is_estimated=wrong.is_estimated,
        **{name: getattr(wrong, name) for name in copied},
    )
    right.save()
    add_up([right])


@pytest.mark.django_db
def test_many_at_once_take_as_many_statements_as_one(alice, model, django_assert_num_queries):
    # Prices, entries, usage, latency, pots; a lock on PostgreSQL.
    expected = 6 if connection.vendor == "postgresql" else 5
    with django_assert_num_queries(expected):
        record([spent(alice, model, first_token_ms=5)])
    with django_assert_num_queries(expected):
        record([spent(alice, model, first_token_ms=5) for _ in range(30)])
