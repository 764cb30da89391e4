"""My usage: figures of a period, the runs behind each, and nobody else's."""

import datetime
import html
import re
from decimal import Decimal

import pytest
import time_machine

from playground.usage.charts import UNKNOWN
from playground.usage.models import DailyUsage
from tests.chat.making import Chat, make_model
from tests.usage.spendings import DAY, NOON, correct, spend

HOSTILE = 'fake/"><img src=x onerror=alert(1)>=1+1'


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOON + datetime.timedelta(hours=3), tick=False):
        yield


@pytest.fixture
def model(db):
    return make_model("priced")


@pytest.fixture
def ask(alice_client):
    """What alice sees at `/usage/` with a query."""

    def get(query=""):
        response = alice_client.get("/usage/" + query)
        assert response.status_code == 200
        return response.context["page"]

    return get


def text_of(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def tile(page, name):
    return next(one for one in page.tiles if one.name == name)


class TestFigures:
    def test_without_runs_it_says_so(self, alice_client):
        text = text_of(alice_client.get("/usage/"))
        assert "No runs in this period." in text
        assert "$0" not in text

    def test_spend_tokens_and_runs_of_the_period(self, alice, bob, model, ask):
        spend(alice, model, 10)
        spend(bob, model, 100)
        page = ask()
        assert [(one.name, one.figure) for one in page.tiles] == [
            ("Spend", "$0.028"),
            ("Tokens", "11k"),
            ("Runs", "10"),
        ]

    def test_the_period_before_is_compared(self, alice, model, ask):
        spend(alice, model, 3)
        spend(alice, model, 2, ran_at=NOON - 7 * DAY)
        assert [one.trend for one in ask("?period=7d").tiles] == ["+50% from $0.0056", "+50% from 2.20k", "+50% from 2"]
        assert [one.trend for one in ask("?period=30d").tiles] == ["nothing before"] * 3

    def test_unpriced_is_never_nothing(self, alice, ask):
        spend(alice, None, 2)
        page = ask()
        assert tile(page, "Spend").figure == "unpriced"
        assert tile(page, "Spend").notes[0].text == "2 unpriced"
        assert page.lists[0].lines[0].figure == "unpriced"
        assert page.charts[0].rows[-1].cells == [UNKNOWN, "2 unpriced"]

    def test_what_is_partly_unpriced_says_how_much(self, alice, model, ask):
        spend(alice, model)
        spend(alice, None)
        page = ask()
        assert (tile(page, "Spend").figure, tile(page, "Spend").notes[0].text) == ("$0.0028", "1 unpriced")
        assert page.charts[0].rows[-1].cells[-1] == "1 unpriced"

    def test_estimates_are_marked_and_explained(self, alice, model, alice_client):
        spend(alice, model, is_estimated=True, status="stopped")
        response = alice_client.get("/usage/")
        page = response.context["page"]
        assert tile(page, "Spend").figure == "≈$0.0028"
        assert page.runs.lines[0].cost == "≈$0.0028"
        assert "≈ is an estimate" in text_of(response)

    def test_corrections_count(self, alice, model, ask):
        (run,) = spend(alice, model)
        correct(run, Decimal("-0.0018"))
        page = ask()
        assert (tile(page, "Spend").figure, page.runs.lines[0].cost) == ("$0.0010", "$0.0010")

    def test_days_are_utc_and_the_page_says_so(self, alice, model, ask, alice_client):
        spend(alice, model, ran_at=datetime.datetime(2026, 3, 14, 23, 59, 59, tzinfo=datetime.UTC))
        days = {row.title: row.cells[0] for row in ask("?period=7d").charts[0].rows}
        assert (days["March 14, 2026"], days["March 15, 2026"]) == ("$0.0028", "$0.00")
        assert "Days are UTC." in text_of(alice_client.get("/usage/"))

    def test_a_year_is_shown_by_week_and_five_years_by_month(self, alice, model, ask):
        spend(alice, model)
        year, five = ask("?from=2025-03-16&to=2026-03-15"), ask("?from=2021-03-16&to=2026-03-15")
        assert [one.title for one in year.charts] == ["Spend by week", "Tokens by week"]
        assert [one.title for one in five.charts] == ["Spend by month", "Tokens by month"]


class TestEveryFigureLeadsToItsRuns:
    def test_links_lead_to_as_many_runs_as_they_count(self, alice, model, ask, alice_client):
        spend(alice, model, 3, preset="a@1", key="sk-1")
        spend(alice, None, 2, source="api", ran_at=NOON - DAY, status="failed")
        spend(alice, model, 1, is_estimated=True, status="stopped", ran_at=NOON - DAY)
        page = ask("?period=7d")
        links = {note.text: note.url for one in page.tiles for note in one.notes}
        links |= {line.name: line.url for one in page.lists for line in one.lines}
        links |= {row.title: row.url for row in page.charts[0].rows if row.url}
        counts = {
            "2 unpriced": 2, "1 estimated": 1, "2 failed": 2, "1 stopped": 1, "fake/priced": 4, "fake/gone": 2, "Chat": 4,
            "API": 2, "a@1": 3, "No preset": 3, "sk-1": 3, "No key": 3, "March 15, 2026": 3, "March 14, 2026": 3,
        }  # fmt: skip
        found = {name: len(ask(url.removesuffix("#runs")).runs.lines) for name, url in links.items() if name in counts}
        assert found == counts
        assert all(url.endswith("#runs") for url in links.values())

    def test_figures_are_narrowed_with_the_list(self, alice, model, ask):
        spend(alice, model, 3)
        spend(alice, None, 2)
        page = ask("?model=fake/priced")
        assert (tile(page, "Runs").figure, len(page.runs.lines)) == ("3", 3)
        models = next(one for one in page.selects if one.name == "model")
        assert [value for value, _label in models.options] == ["", "fake/priced", "fake/gone"]
        assert models.chosen == "fake/priced"

    def test_a_value_that_nobody_has_finds_nothing(self, alice, model, alice_client):
        spend(alice, model)
        response = alice_client.get("/usage/", {"model": HOSTILE, "source": "x" * 1000, "status": "?", "only": "?"})
        assert "No runs in this period." in text_of(response)
        assert "<img src=x" not in response.content.decode()


class TestRuns:
    def test_are_paged_newest_first_without_a_gap(self, alice, model, ask):
        runs = spend(alice, model, 120)
        at_once = spend(alice, model, 3, ran_at=NOON - DAY)  # and some that share a moment
        seen, query = [], ""
        for length in (50, 50, 23):
            page = ask(query)
            seen += [line.entry.run for line in page.runs.lines]
            assert len(page.runs.lines) == length
            query = page.runs.older_url.removesuffix("#runs")
        assert query == ""
        assert seen == [*reversed(runs), *reversed(at_once)]
        assert page.runs.newest_url

    def test_runs_of_one_moment_are_paged_without_a_gap(self, alice, model, ask):
        for _number in range(60):
            spend(alice, model)
        first = ask()
        second = ask(first.runs.older_url.removesuffix("#runs"))
        seen = {line.entry.run for page in (first, second) for line in page.runs.lines}
        assert len(seen) == 60

    @pytest.mark.parametrize("place", ["x", "2026-03-15_x", "_", "9" * 300, "2026-03-15T12:00:00_" + "0" * 36])
    def test_a_place_that_is_none_shows_the_newest(self, alice, model, ask, place):
        spend(alice, model, 2)
        assert len(ask(f"?before={place}").runs.lines) == 2

    def test_each_leads_to_its_receipt_and_its_conversation(self, alice, model, ask, alice_client):
        chat = Chat.begin(alice, model, "Hi")
        chat.end("Hello")
        line = ask().runs.lines[0]
        assert line.place_url == f"/messages/{chat.answer.uuid}/"
        assert alice_client.get(line.url).status_code == 200

    def test_when_the_conversation_is_deleted_the_figures_stay(self, alice, model, ask, alice_client):
        chat = Chat.begin(alice, model, "Hi")
        chat.end("Hello")
        alice_client.post(f"/c/{chat.conversation.uuid}/delete/")
        line = ask().runs.lines[0]
        assert line.place_url == ""
        assert "is kept; the figures stay" in text_of(alice_client.get(line.url))

    def test_hostile_names_are_text(self, alice, alice_client):
        fields = {"model_name": HOSTILE, "resolved_model": HOSTILE, "preset": HOSTILE, "key": HOSTILE[:80]}
        (run,) = spend(alice, None, **fields, source="<b>", status="<i>")
        for url in ("/usage/", f"/usage/runs/{run}/"):
            content = alice_client.get(url).content.decode()
            assert "<img src=x" not in content
            assert "<i>" not in content
            assert "<b>" not in content


class TestBudgets:
    def test_what_is_left_is_shown(self, alice, model, alice_client, make_budget):
        make_budget(amount=1, scope="each", period="month")
        (card,) = alice_client.get("/usage/").context["page"].budgets  # without a run as well
        assert (card.name, card.left, card.tone) == ("Your budget for this month", 1, "good")
        spend(alice, model, 100)
        response = alice_client.get("/usage/")
        (card,) = response.context["page"].budgets
        assert (card.left, card.width) == (Decimal("0.72"), "28%")
        text = text_of(response)
        assert "$0.72 left of $1.00" in text
        assert "$0.28 spent. The budget starts anew on April 1, 2026, 00:00 UTC." in text

    def test_the_one_that_ends_first_stands_first_in_its_colour(self, alice, model, alice_client, make_budget):
        make_budget(amount=100)
        make_budget(amount="0.28", is_blocking=False)
        make_budget(amount="0.28", scope="person", person=alice)
        make_budget(amount="0.3", scope="each", period="day")
        spend(alice, model, 100)
        budgets = alice_client.get("/usage/").context["page"].budgets
        assert [(card.limit, card.tone) for card in budgets] == [
            (Decimal("0.28"), "bad"),
            (Decimal("0.3"), "warn"),
            (Decimal("0.28"), "warn"),
            (Decimal(100), "good"),
        ]
        assert "It warns and stops nothing." in budgets[2].note

    def test_others_budgets_are_theirs(self, alice, bob, alice_client, make_budget):
        make_budget(amount=1, scope="person", person=bob)
        assert alice_client.get("/usage/").context["page"].budgets == []


class TestNobodyElse:
    def test_sees_my_figures(self, alice, model, bob_client, admin_client):
        (run,) = spend(alice, model, key="sk-alice")
        for client in (bob_client, admin_client):
            assert client.get("/usage/").context["page"].is_empty
            assert client.get(f"/usage/runs/{run}/").status_code == 404

    def test_a_visitor_is_asked_to_sign_in(self, visitor_client):
        for url in ("/usage/", "/usage/runs.csv"):
            assert visitor_client.get(url)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("query", ["", "?model=fake/priced&status=completed&only=estimated"])
def test_queries_do_not_grow(alice, model, alice_client, django_assert_num_queries, query):
    alice_client.get("/usage/")  # which makes note of when the session began
    for count in (10, 990):
        spend(alice, model, count, is_estimated=True, preset="a@1")
        for day in range(20):
            spend(alice, None, ran_at=NOON - day * DAY, source=f"s{day}", key=f"sk-{day}")
        # Session and person, the sidebar; figures, budgets, runs, and where those of the chat stand.
        with django_assert_num_queries(7):
            alice_client.get("/usage/" + query)


def test_a_fragment_is_the_page_without_its_shell(alice, model, alice_client):
    spend(alice, model)
    content = alice_client.get("/usage/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).content.decode()
    assert content.startswith('<div class="usage"')


def test_sums_that_are_gone_do_not_hide_runs(alice, model, ask):
    """The list is the ledger's own."""
    spend(alice, model)
    DailyUsage.objects.all().delete()
    assert len(ask().runs.lines) == 1
