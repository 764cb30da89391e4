"""The list of runs, a page at a time, and the receipt of one."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from playground.catalog.models import Price
from playground.review.receipt import reported_figures
from playground.review.runs import PAGE
from tests.review.making import MARCH, correct, days, enter, spend, spending

RUNS = re.compile(r"/admin/usage/runs/([0-9a-f-]{36})/")


@pytest.fixture
def listed(admin_client):
    """Runs on a page, and the address of the next one."""

    def ask(query=MARCH):
        text = admin_client.get(f"{reverse('usage_review_runs')}?{query}").content.decode()
        older = re.search(r'href="[^"]*\?([^"]*)" rel="next"', text)
        return RUNS.findall(text), older[1].replace("&amp;", "&") if older else ""

    return ask


@pytest.mark.django_db
class TestList:
    def test_every_run_is_on_exactly_one_page_newest_first(self, alice, model, listed):
        enter([spending(alice, model, ran_at=days(number % 7 - 3)) for number in range(2 * PAGE + 7)])
        seen, query = [], MARCH
        while query:
            runs, query = listed(query)
            seen.append(runs)
        assert list(map(len, seen)) == [PAGE, PAGE, 7]
        assert len({run for page in seen for run in page}) == 2 * PAGE + 7

    def test_what_comes_in_meanwhile_moves_nothing(self, alice, model, listed):
        enter([spending(alice, model) for _ in range(PAGE + 5)])
        first, older = listed()
        enter([spending(alice, model) for _ in range(9)])
        second, _ = listed(older)
        assert len(second) == 5
        assert not set(first) & set(second)

    @pytest.mark.parametrize(
        ("query", "status"),
        [("status=failed", ["failed"]), ("status=errors", ["failed", "interrupted"]), ("status=stopped", ["stopped"])],
    )
    def test_by_how_they_ended(self, query, status, alice, model, listed):
        runs = {
            one: str(spend(alice, model, status=one).run) for one in ("completed", "stopped", "failed", "interrupted")
        }
        assert set(listed(f"{MARCH}&{query}")[0]) == {runs[one] for one in status}

    def test_unpriced_estimated_and_corrected(self, alice, model, unpriced, listed):
        plain, guessed = spend(alice, model), spend(alice, model, is_estimated=True)
        still, mended = spend(alice, unpriced), spend(alice, unpriced)
        correct(mended, Decimal("0.1"))
        correct(plain, Decimal("-0.001"))
        assert listed(f"{MARCH}&only=unpriced")[0] == [str(still.run)]
        assert listed(f"{MARCH}&only=estimated")[0] == [str(guessed.run)]
        assert set(listed(f"{MARCH}&only=corrected")[0]) == {str(mended.run), str(plain.run)}

    def test_filters_and_days(self, alice, bob, model, listed):
        mine, _theirs, _later = spend(alice, model), spend(bob, model), spend(alice, model, ran_at=days(1))
        assert listed(f"from=2026-03-10&to=2026-03-10&user={alice.pk}")[0] == [str(mine.run)]

    @pytest.mark.parametrize("after", ["x", "2026-03-10", "2026-13-10.4", "2026-03-10.x", "2026-03-10." + "9" * 30])
    def test_a_place_that_is_none_is_the_beginning(self, after, alice, model, listed):
        spend(alice, model)
        assert len(listed(f"{MARCH}&after={after}")[0]) == 1

    def test_costs_are_with_corrections(self, alice, model, admin_client):
        correct(spend(alice, model), Decimal(1))
        text = admin_client.get(f"{reverse('usage_review_runs')}?{MARCH}").content.decode()
        assert "$1.00" in text
        assert "corrected" in text


@pytest.mark.django_db
class TestReceipt:
    @pytest.fixture
    def receipt(self, admin_client):
        return lambda entry: admin_client.get(reverse("usage_review_run", args=[entry.run])).content.decode()

    def test_price_tokens_and_amount(self, alice, model, receipt):
        text = receipt(spend(alice, model, cached_tokens=400))
        assert "The price is that of Jan. 1, 2025." in text
        assert "$0.0022" in text
        assert "0.40 s" in text

    def test_a_price_that_is_gone_is_told(self, alice, model, receipt):
        entry = spend(alice, model)
        Price.objects.all().delete()
        assert "its row in the catalogue is gone" in receipt(entry)

    def test_unpriced_is_not_free(self, alice, unpriced, receipt):
        text = receipt(spend(alice, unpriced))
        assert "Unpriced: no price was known" in text
        assert "$0" not in text

    def test_corrections_with_reason_and_sum(self, alice, model, receipt):
        entry = spend(alice, model)
        correct(entry, Decimal("-0.001"), reason="<b>Cheaper</b>", by="<i>admin</i>")
        text = receipt(entry)
        assert "&lt;b&gt;Cheaper&lt;/b&gt;" in text
        assert "&lt;i&gt;admin&lt;/i&gt;" in text
        assert "$0.0018" in text

    def test_no_run_no_receipt(self, admin_client):
        answer = admin_client.get(reverse("usage_review_run", args=["00000000-0000-4000-8000-000000000000"]))
        assert answer.status_code == 404

    def test_reported_text_is_not_shown(self):
        usage = {
            "prompt_tokens": 1000,
            "note": "The answer was 42",
            "The answer was 43": 1,
            "details": {"cached_tokens": 400.0, "is_it": True, "deep": {"deeper": {"deepest": {"too": {"deep": 1}}}}},
        }
        assert reported_figures(usage) == [("prompt_tokens", "1,000"), ("details.cached_tokens", "400.0")]
        assert reported_figures(None) == []
