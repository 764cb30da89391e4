"""Re-pricing: what a preview says is what is written, once, and every sum follows."""

import datetime
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from playground.accounts.models import AuditEntry
from playground.catalog.models import Price
from playground.usage import repricing
from playground.usage.ledger import amounts_of, record
from playground.usage.models import DailyUsage, EntryKind, LedgerEntry, Repricing
from playground.usage.repricing import NewRates, Scope, carry_out, last_entry, preview
from tests.chat.making import make_model
from tests.usage.books import assert_sums_are_exact
from tests.usage.test_ledger import NOON, spent

MARCH = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))
TWICE = NewRates(Decimal(4), Decimal(1), Decimal(16))  # of what make_model's models cost


def scope(model_name="fake/priced", rates=TWICE, days=MARCH, up_to=None):
    return Scope("fake", model_name, *days, last_entry() if up_to is None else up_to, rates)


def decide(wanted, **fields):
    rates = wanted.rates
    return Repricing.objects.create(
        provider=wanted.provider,
        model_name=wanted.model_name,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        up_to=wanted.up_to,
        input=rates.input if rates else None,
        cached_input=rates.cached_input if rates else None,
        output=rates.output if rates else None,
        reason="The list was wrong.",
        made_by_name="admin",
        **fields,
    )


def spend(owner, model, count=1, **fields):
    made = [spent(owner, model, **fields) for _ in range(count)]
    record(made)
    return made


def total():
    return DailyUsage.objects.aggregate(sum=Sum("amount"))["sum"]


@pytest.fixture
def model(db):
    return make_model("priced")  # 2 in, 0.5 cached, 8 out: a run of `spent` costs 0.0028


@pytest.mark.django_db
class TestPreview:
    def test_says_what_would_change_and_writes_nothing(self, alice, model):
        spend(alice, model, 3)
        found = preview(scope())
        (row,) = found.models
        assert (row.runs, row.changed, row.priced) == (3, 3, 0)
        assert (row.before, row.after, row.difference) == (Decimal("0.0084"), Decimal("0.0168"), Decimal("0.0084"))
        assert LedgerEntry.objects.count() == 3

    def test_names_the_largest_differences_first(self, alice, model):
        for tokens in range(1, 30):
            spend(alice, model, prompt_tokens=tokens * 1000)
        largest = preview(scope()).largest
        assert [change.entry.prompt_tokens for change in largest] == [tokens * 1000 for tokens in range(29, 19, -1)]

    def test_counts_what_gets_a_price_for_the_first_time(self, alice, model):
        model.prices.all().delete()
        spend(alice, model, 2)
        (row,) = preview(scope()).models
        assert (row.before, row.priced, row.after) == (0, 2, Decimal("0.0112"))

    def test_leaves_alone_what_was_never_sent_and_what_has_no_price(self, alice, model):
        spend(alice, model, status="failed", was_sent=False, prompt_tokens=None, completion_tokens=None)
        spend(alice, model)
        model.prices.all().delete()
        found = preview(scope(rates=None))
        assert (found.total.runs, found.total.changed, found.total.difference) == (1, 0, 0)
        assert preview(scope()).total.runs == 1

    def test_only_days_models_and_entries_that_were_meant(self, alice, model):
        other = make_model("other")
        spend(alice, model, ran_at=NOON - datetime.timedelta(days=1))
        spend(alice, model, ran_at=NOON + datetime.timedelta(days=31))
        spend(alice, other)
        seen = scope(model_name="")
        spend(alice, model)
        assert [row.model_name for row in preview(seen).models] == ["fake/other"]
        assert preview(scope()).total.runs == 1


@pytest.mark.django_db
class TestCarryingOut:
    def test_the_difference_becomes_a_correction_with_its_reason(self, alice, model):
        (run,) = spend(alice, model)
        carry_out(decide(scope()))
        entry = LedgerEntry.objects.get(kind=EntryKind.RUN)
        correction = LedgerEntry.objects.get(kind=EntryKind.CORRECTION)
        assert (correction.corrects, correction.run, correction.day) == (entry, run.run, entry.day)
        assert (correction.amount, correction.output_price) == (Decimal("0.0028"), 16)
        assert (correction.reason, correction.made_by_name) == ("The list was wrong.", "admin")
        assert (correction.prompt_tokens, correction.owner_name) == (None, "alice")
        assert amounts_of([run.run]) == {run.run: Decimal("0.0056")}
        assert_sums_are_exact()

    def test_the_price_rows_of_each_day_count(self, alice, model):
        spend(alice, model)
        spend(alice, model, ran_at=NOON + datetime.timedelta(days=5))
        row = Price.objects.create(model=model, starts_on=datetime.date(2026, 3, 4), input=4, output=16)
        carry_out(decide(scope(rates=None)))
        correction = LedgerEntry.objects.get(kind=EntryKind.CORRECTION)
        assert (correction.day, correction.price, correction.amount) == (
            datetime.date(2026, 3, 6),
            row,
            Decimal("0.0028"),
        )

    def test_twice_adds_nothing(self, alice, model):
        spend(alice, model, 5)
        first = decide(scope())
        carry_out(first)
        carry_out(first)
        second = decide(scope())
        carry_out(second)
        assert LedgerEntry.objects.filter(kind=EntryKind.CORRECTION).count() == 5
        assert (first.corrected_runs, first.difference) == (5, Decimal("0.014"))
        assert (second.corrected_runs, second.difference) == (0, 0)
        assert first.finished_at
        assert second.finished_at

    def test_a_correction_is_corrected_in_turn(self, alice, model):
        model.prices.all().delete()
        (run,) = spend(alice, model)
        carry_out(decide(scope()))
        carry_out(decide(scope(rates=NewRates(Decimal(1), None, Decimal(4)))))
        one, two = LedgerEntry.objects.filter(kind=EntryKind.CORRECTION).order_by("id")
        assert two.corrects == one
        assert amounts_of([run.run]) == {run.run: Decimal("0.0014")}
        assert total() == Decimal("0.0014")
        assert DailyUsage.objects.get().unpriced_runs == 0  # taken off once
        assert_sums_are_exact()

    def test_free_is_a_price_and_not_unpriced(self, alice, model):
        model.prices.all().delete()
        spend(alice, model)
        carry_out(decide(scope(rates=NewRates(Decimal(0), None, Decimal(0)))))
        assert LedgerEntry.objects.get(kind=EntryKind.CORRECTION).amount == 0
        assert DailyUsage.objects.get().unpriced_runs == 0

    def test_what_was_cut_off_is_continued(self, alice, model, monkeypatch):
        monkeypatch.setattr(repricing, "BATCH", 4)
        spend(alice, model, 10)
        decided = decide(scope())
        correct, calls = repricing._correct, []

        def die_at_the_third(*arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            correct(*arguments)

        monkeypatch.setattr(repricing, "_correct", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            carry_out(decided)
        decided.refresh_from_db()
        assert (decided.corrected_runs, decided.finished_at) == (8, None)
        assert_sums_are_exact()
        carry_out(decided)
        assert (decided.corrected_runs, decided.difference) == (10, Decimal("0.028"))
        assert decided.finished_at
        assert LedgerEntry.objects.filter(kind=EntryKind.CORRECTION).count() == 10

    def test_a_batch_takes_few_queries_however_many_it_corrects(self, alice, model, django_assert_max_num_queries):
        spend(alice, model, 10)
        few = decide(scope())
        with django_assert_max_num_queries(20):  # SQLite inserts 200 wide rows in a few pieces
            carry_out(few)
        spend(alice, model, 200)
        many = decide(scope())
        with django_assert_max_num_queries(20):  # SQLite inserts 200 wide rows in a few pieces
            carry_out(many)
        assert (few.corrected_runs, many.corrected_runs) == (10, 200)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_correct_once(alice, monkeypatch):
    model = make_model("priced")
    monkeypatch.setattr(repricing, "BATCH", 5)
    spend(alice, model, 40)
    both = [decide(scope()), decide(scope())]
    barrier = threading.Barrier(2)

    def work(decided):
        try:
            barrier.wait()
            carry_out(decided)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[decided]) for decided in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert LedgerEntry.objects.filter(kind=EntryKind.CORRECTION).count() == 40
    assert sum(decided.corrected_runs for decided in Repricing.objects.all()) == 40
    assert total() == 40 * Decimal("0.0056")
    assert_sums_are_exact()


@pytest.mark.django_db
class TestAdmin:
    ADD = "/admin/usage/repricing/add/"

    def asked(self, **fields):
        days = {"first_day": "2026-03-01", "last_day": "2026-03-31"}
        prices = {"price": "given", "input": "4", "cached_input": "1", "output": "16"}
        return {"what": "fake/priced", **days, **prices, "look": "1", **fields}

    def marks(self, answer):
        confirm = answer.context["confirm"]
        return {name: confirm[name].value() for name in ("up_to", "mark")} | {"confirm": "1"}

    def test_superusers_only(self, alice_client, bob, admin_client, model, django_user_model):
        bob.is_staff = True
        bob.save()
        alice_client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        assert alice_client.get(self.ADD).status_code == 403
        assert alice_client.get("/admin/usage/repricing/").status_code == 403
        assert admin_client.get(self.ADD).status_code == 200

    def test_look_then_confirm_with_a_reason(self, alice, admin_client, model):
        spend(alice, model, 3)
        looked = admin_client.post(self.ADD, self.asked())
        assert looked.status_code == 200
        assert "$0.0084" in looked.text
        assert LedgerEntry.objects.count() == 3
        done = admin_client.post(self.ADD, {**self.asked(), **self.marks(looked), "reason": "Late list"})
        assert done.status_code == 302
        assert total() == Decimal("0.0168")
        row = Repricing.objects.get()
        assert (row.reason, row.made_by_name, row.corrected_runs) == ("Late list", "admin", 3)
        acts = AuditEntry.objects.filter(target_kind="usage.repricing").order_by("id")
        assert [(act.action, act.actor_name) for act in acts] == [
            ("repricing.confirm", "admin"),
            ("repricing.carried_out", "admin"),
        ]
        assert acts[0].note == "Late list"
        page = admin_client.get(done["Location"])
        assert "Late list" in page.text
        assert "Continue" not in page.text

    def test_no_reason_no_correction(self, alice, admin_client, model):
        spend(alice, model)
        looked = admin_client.post(self.ADD, self.asked())
        answer = admin_client.post(self.ADD, {**self.asked(), **self.marks(looked), "reason": " "})
        assert answer.status_code == 422
        assert "This field is required" in answer.text
        assert not Repricing.objects.exists()

    def test_what_has_changed_since_the_look_is_looked_at_again(self, alice, admin_client, model):
        spend(alice, model)
        looked = admin_client.post(self.ADD, self.asked(price="rows"))
        other = admin_client.post(self.ADD, self.asked())
        answer = admin_client.post(self.ADD, {**self.asked(price="rows"), **self.marks(other), "reason": "r"})
        assert answer.status_code == 409
        assert self.marks(answer)["mark"] == self.marks(looked)["mark"]
        assert not Repricing.objects.exists()

    def test_runs_that_came_after_the_look_are_left_alone(self, alice, admin_client, model):
        spend(alice, model)
        looked = admin_client.post(self.ADD, self.asked())
        spend(alice, model)
        admin_client.post(self.ADD, {**self.asked(), **self.marks(looked), "reason": "r"})
        assert Repricing.objects.get().corrected_runs == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"what": "fake/nobody"},
            {"first_day": "2026-04-01"},
            {"last_day": "2028-01-01"},
            {"input": ""},
            {"output": "-1"},
            {"input": "1e400"},
            {"first_day": "soon"},
        ],
        ids=str,
    )
    def test_nonsense_is_said_and_nothing_is_looked_at(self, alice, admin_client, model, wrong):
        spend(alice, model)
        answer = admin_client.post(self.ADD, self.asked(**wrong))
        assert answer.status_code == 422
        assert "Please correct" in answer.text

    def test_names_are_hostile(self, alice, admin_client, model):
        nasty = "fake/<img src=x onerror=alert(1)>"
        record([spent(alice, None, run=uuid.uuid4(), model_name=nasty, owner_name="<b>eve</b>")])
        looked = admin_client.post(self.ADD, self.asked(what=nasty))
        assert looked.status_code == 200
        assert "<img src=x" not in looked.text
        assert "<b>eve" not in looked.text

    def test_one_that_was_cut_off_is_continued_on_its_page(self, alice, admin_client, alice_client, model):
        spend(alice, model)
        row = decide(scope())
        page = admin_client.get(f"/admin/usage/repricing/{row.pk}/change/")
        assert "Continue" in page.text
        assert alice_client.post(f"/admin/usage/repricing/{row.pk}/continue/").status_code in {302, 403}
        assert admin_client.get(f"/admin/usage/repricing/{row.pk}/continue/").status_code == 405
        assert admin_client.post(f"/admin/usage/repricing/{row.pk}/continue/").status_code == 302
        row.refresh_from_db()
        assert row.finished_at

    def test_the_list_takes_as_many_queries_for_many(self, alice, admin_client, model, django_assert_max_num_queries):
        for _ in range(60):
            decide(scope())
        admin_client.get("/admin/usage/repricing/")
        with django_assert_max_num_queries(8):
            assert admin_client.get("/admin/usage/repricing/").status_code == 200
