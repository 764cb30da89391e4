"""The dashboard's figures are the ledger's."""

import datetime
from collections import Counter
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from playground.review.breakdowns import error_runs
from playground.review.dashboard import Look, build_dashboard, matches
from playground.review.names import load_names
from playground.review.selection import DIMENSIONS, Filters, Selection
from playground.usage.latency import bucket_of, milliseconds_of
from playground.usage.models import LedgerEntry
from playground.usage.periods import CUSTOM, Choice, Period
from tests.chat.making import make_model
from tests.review.making import MARCH, NOON, correct, days, enter, spend, spending

TODAY = NOON.date()


def dashboard(query=MARCH, **look):
    from django.http import QueryDict

    return build_dashboard(Selection.of(QueryDict(query).dict(), TODAY), Look(**look))


def table(page, dimension):
    return next(one for one in page.breakdowns if one.dimension == dimension)


def names_of(page, dimension):
    return [line.name for line in table(page, dimension).lines]


@pytest.mark.django_db
class TestFigures:
    def test_of_one_run(self, alice, model):
        spend(alice, model, cached_tokens=400)
        page = dashboard()
        assert (page.total.runs, page.total.amount, page.people) == (1, Decimal("0.0022"), 1)
        assert (page.total.prompt_tokens, page.total.cached_tokens, page.total.completion_tokens) == (1000, 400, 100)
        assert page.waits.p50 == milliseconds_of(bucket_of(400))

    def test_nothing_is_nothing(self, admin):
        page = dashboard()
        assert (page.total.runs, page.people, page.waits.p50, page.trends.amount) == (0, 0, None, None)
        assert all(chart.is_empty for chart in page.charts)

    def test_unpriced_is_never_zero(self, alice, unpriced, admin_client):
        spend(alice, unpriced)
        page = dashboard()
        assert (page.total.unpriced_runs, page.unpriced_share) == (1, 1)
        text = admin_client.get(f"{reverse('usage_review')}?{MARCH}").content.decode()
        assert "$0" not in text.partition("<dl")[2].partition("</dl>")[0]
        assert "and 1 unpriced run (100" in text

    def test_estimates_are_told(self, alice, model):
        spend(alice, model, is_estimated=True)
        spend(alice, model)
        assert dashboard().estimated_share == Decimal("0.5")

    def test_a_correction_counts_on_the_day_of_its_run(self, alice, unpriced):
        entry = spend(alice, unpriced)
        correct(entry, Decimal("0.5"))
        page = dashboard()
        assert (page.total.runs, page.total.amount, page.total.unpriced_runs) == (1, Decimal("0.5"), 0)

    def test_errors_are_what_failed_or_was_interrupted(self, alice, model):
        for status in ("completed", "stopped", "failed", "interrupted"):
            spend(alice, model, status=status)
        page = dashboard()
        assert (page.errors, page.error_share, page.total.stopped_runs) == (2, 0.5, 1)

    def test_a_person_who_is_gone_keeps_the_name(self, alice, model):
        spend(alice, model)
        alice.delete()
        (line,) = table(dashboard(), "user").lines
        assert (line.name, line.is_gone) == ("alice", True)

    def test_somebody_in_two_groups_counts_for_both(self, alice, bob, model):
        one, two = Group.objects.create(name="One"), Group.objects.create(name="Two")
        alice.groups.set([one, two])
        spend(alice, model)
        spend(bob, model)
        assert sorted(names_of(dashboard(), "group")) == ["One", "Two", "no group"]
        assert dashboard(f"{MARCH}&group={one.pk}").total.runs == 1
        assert dashboard(f"{MARCH}&group=0").total.runs == 1


@pytest.mark.django_db
class TestTrends:
    def test_against_as_many_days_before(self, alice, model):
        spend(alice, model, ran_at=days(-7))
        spend(alice, model)
        spend(alice, model)
        page = dashboard("from=2026-03-07&to=2026-03-13")
        assert (page.trends.runs.text, page.trends.runs.direction) == ("+100%", "up")
        assert table(page, "user").lines[0].trend.text == "+100%"

    def test_what_was_not_there_is_new(self, alice, bob, model):
        spend(alice, model, ran_at=days(-7))
        spend(bob, model)
        lines = {line.name: line for line in table(dashboard("from=2026-03-07&to=2026-03-13"), "user").lines}
        assert lines["bob"].trend.text == "new"


@pytest.mark.django_db
class TestCharts:
    def chart(self, page, name):
        return next(one for one in page.charts if one.name == name)

    def test_each_day_leads_to_its_runs(self, alice, model, admin_client):
        entry = spend(alice, model)
        row = next(row for row in self.chart(dashboard(), "chart-runs").rows if row.cells[0] == "1")
        assert str(entry.run) in admin_client.get(row.url).content.decode()
        other = next(row for row in self.chart(dashboard(), "chart-runs").rows if row.cells[0] == "0")
        assert str(entry.run) not in admin_client.get(other.url).content.decode()

    def test_costs_are_stacked_by_what_is_asked(self, alice, model):
        spend(alice, model)
        spend(alice, make_model("other"), source="api")
        assert [name for name, _ in self.chart(dashboard(), "chart-cost").legend] == ["fake/other", "fake/priced"]
        assert [name for name, _ in self.chart(dashboard(stack="source"), "chart-cost").legend] == ["API", "Chat"]
        assert self.chart(dashboard(stack="provider"), "chart-cost").legend == ()

    def test_somebody_counts_once_in_a_week(self, alice, model):
        for number in range(5):
            spend(alice, model, ran_at=days(number - 5))
        year = self.chart(dashboard("from=2025-03-13&to=2026-03-10"), "chart-people")
        assert {row.cells[0] for row in year.rows} == {"0", "1"}

    def test_percentiles_of_a_day(self, alice, model):
        for ms in (100, 100, 100, 5000):
            spend(alice, model, first_token_ms=ms)
        row = next(row for row in self.chart(dashboard(), "chart-first-token").rows if "10" in row.title)
        assert row.cells[0].startswith(f"{milliseconds_of(bucket_of(100)) / 1000:.1f}")


@pytest.mark.django_db
class TestFilters:
    @pytest.fixture(autouse=True)
    def runs(self, alice, bob, model, unpriced):
        spend(alice, model)
        spend(bob, unpriced, source="api", key="sk-ab…cd", first_token_ms=2000)

    def test_each_dimension(self, alice, bob):
        for query in (f"user={bob.pk}", "model=fake/unpriced", "source=api", "key=sk-ab%E2%80%A6cd"):
            page = dashboard(f"{MARCH}&{query}")
            assert (page.total.runs, page.total.unpriced_runs, names_of(page, "user")) == (1, 1, ["bob"]), query
            assert page.waits.p50 == milliseconds_of(bucket_of(2000)), query
        assert dashboard(f"{MARCH}&provider=fake").total.runs == 2
        assert names_of(dashboard(f"{MARCH}&key=-"), "user") == ["alice"]

    def test_choices_are_all_there_is_whatever_is_chosen(self, alice):
        page = dashboard(f"{MARCH}&user={alice.pk}")
        choices = {one.name: [option.name for option in one.options] for one in page.choices}
        assert choices["user"] == ["alice", "bob"]
        assert choices["model"] == ["fake/priced", "fake/unpriced"]

    @pytest.mark.parametrize(
        "query",
        ["user=x", "user=99999999999999999999", "user=-1", "group=%00", "model=" + "m" * 999, "period=x", "from=x"],
    )
    def test_nonsense_is_no_error(self, query, admin_client):
        assert admin_client.get(f"{reverse('usage_review')}?{query}").status_code in {200, 400}

    def test_a_line_leads_to_itself_alone(self, admin_client):
        for dimension in DIMENSIONS:
            for line in table(dashboard(), dimension).lines:
                assert dashboard(line.query).total == line.sums, (dimension, line.name)


@pytest.mark.django_db
def test_hostile_names_are_text(alice, model, admin_client):
    name = "<img src=x onerror=alert(1)>"
    alice.username = name
    alice.save()
    entry = spend(alice, model, model_name=f"fake/{name}", resolved_model=name, key=name[:20], preset=name)
    pages = [f"{reverse('usage_review')}?{MARCH}", f"{reverse('usage_review_runs')}?{MARCH}"]
    pages += [reverse("usage_review_run", args=[entry.run]), reverse("usage_review_statement") + "?month=2026-03"]
    for page in pages:
        text = admin_client.get(page).content.decode()
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


@pytest.mark.django_db
def test_queries_are_as_many_for_a_thousand_runs_as_for_ten(alice, bob, model, admin_client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(address):
        with CaptureQueriesContext(connection) as found:
            assert admin_client.get(address).status_code == 200
        return len(found)

    addresses = [f"{reverse('usage_review')}?{MARCH}", f"{reverse('usage_review_runs')}?{MARCH}"]
    addresses += [f"{reverse('usage_review_statement')}?month=2026-03"]
    enter([spending(alice, model, ran_at=days(number % 20 - 9)) for number in range(10)])
    admin_client.get("/models/")  # the first visit of a session writes to it
    few = [queries(address) for address in addresses]
    enter([
        spending(bob if number % 2 else alice, model, ran_at=days(number % 20 - 9), key=f"sk-{number % 50}")
        for number in range(990)
    ])  # fmt: skip
    assert [queries(address) for address in addresses] == few
    assert few[0] <= 18
    assert few[1] <= 10
    assert few[2] <= 8


def spendings(owners, models):
    return st.builds(
        lambda day, owner, model, status, prompt, completion, ms, estimated, source, key: spending(
            owner,
            model,
            ran_at=days(day),
            status=status,
            source=source,
            key=key,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cached_tokens=(prompt or 0) // 3,
            first_token_ms=ms,
            is_estimated=estimated,
            was_sent=prompt is not None or completion is not None,
        ),
        st.integers(-3, 3),
        st.sampled_from(owners),
        st.sampled_from(models),
        st.sampled_from(["completed", "stopped", "failed", "interrupted"]),
        st.none() | st.integers(0, 10**6),
        st.none() | st.integers(0, 10**6),
        st.none() | st.integers(0, 10**6),
        st.booleans(),
        st.sampled_from(["chat", "api"]),
        st.sampled_from(["", "sk-1", "sk-2"]),
    )


@pytest.mark.django_db
def test_figures_always_equal_what_the_ledger_says(alice, bob, model, unpriced):
    """Any entries, any filters, any days: by a loop over entries that knows no sums."""
    group = Group.objects.create(name="Group")
    alice.groups.add(group)
    filters = st.builds(
        Filters,
        user=st.sampled_from([None, None, alice.pk, bob.pk]),
        group=st.sampled_from([None, None, group.pk, 0]),
        model=st.sampled_from([None, None, model.public_name]),
        provider=st.sampled_from([None, "fake", "other"]),
        source=st.sampled_from([None, None, "api"]),
        key=st.sampled_from([None, None, "", "sk-1"]),
    )
    first, last = st.integers(-3, 3), st.integers(0, 3)

    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(spendings([alice, bob], [model, unpriced]), max_size=25), filters, first, last)
    def agree(batch, chosen, first, length):
        with transaction.atomic():
            enter(batch)
            if batch:
                correct(LedgerEntry.objects.get(run=batch[0].run), Decimal("0.25"))
            begin = (NOON + datetime.timedelta(days=first)).date()
            period = Period(begin, begin + datetime.timedelta(days=length))
            _check(build_dashboard(Selection(Choice(CUSTOM, period), chosen), Look()), chosen, period)
            transaction.set_rollback(True)

    agree()


def _check(page, filters, period):
    names = load_names([])
    entries = [
        entry
        for entry in LedgerEntry.objects.filter(day__range=(period.first, period.last))
        if matches(_Cell(entry), filters, names)
    ]
    runs = [entry for entry in entries if entry.kind == "run"]
    priced_later = {entry.corrects_id for entry in entries if entry.kind == "correction"}
    assert page.total.runs == len(runs)
    assert page.total.amount == sum((entry.amount for entry in entries if entry.amount is not None), Decimal(0))
    assert page.total.unpriced_runs == sum(run.amount is None and run.pk not in priced_later for run in runs)
    assert page.total.tokens == sum((run.prompt_tokens or 0) + (run.completion_tokens or 0) for run in runs)
    assert page.errors == sum(run.status in {"failed", "interrupted"} for run in runs)
    assert page.people == len({run.owner_id for run in runs})
    counts = Counter(bucket_of(run.first_token_ms) for run in runs if run.first_token_ms is not None)
    assert page.waits.counts == counts
    for dimension, read in (("user", lambda run: str(run.owner_id)), ("model", lambda run: run.model_name), ("key", lambda run: run.key)):  # fmt: skip
        shown = {line.value: (line.runs, line.errors) for line in table(page, dimension).lines}
        counted = {
            value: (len(some), sum(run.status in {"failed", "interrupted"} for run in some))
            for value in {read(run) for run in runs}
            if (some := [run for run in runs if read(run) == value])
        }
        assert shown == counted, dimension
    assert sum(line.sums.amount for line in table(page, "provider").lines) == page.total.amount
    assert sum(map(error_runs, [line.sums for line in table(page, "source").lines])) == page.errors
    shown_runs = [int(row.cells[0].replace(",", "")) for row in page.charts[2].rows]
    assert sum(shown_runs) == page.total.runs


class _Cell:
    """An entry as the filters see it."""

    def __init__(self, entry):
        self.user, self.provider, self.model = entry.owner_id, entry.provider, entry.model_name
        self.source, self.key = entry.source, entry.key
