"""What a person sees of budgets and limits: what is left, a warning, and a refusal that keeps what was written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from playground.catalog.models import Price
from playground.chat.models import Conversation, Draft, Message
from playground.runs.models import Run, RunStatus
from playground.usage.models import Budget, BudgetPot
from tests.chat.making import Chat, end_answer, make_image, make_model


@pytest.fixture
def budget(db):
    def make(amount, **fields):
        return Budget.objects.create(**{"scope": "each", "period": "month", "amount": Decimal(amount), **fields})

    return make


def spend(budget, person, amount):
    """As if the ledger had it."""
    first = budget.window_on(timezone.now().date()).first
    BudgetPot.objects.create(budget=budget, person=person, starts_on=first, spent=Decimal(amount))


PROMPT = {"text": "A long question that must not be lost", "model": "fake/fake-vision", "request_id": "one"}


class TestRefusal:
    def test_the_box_says_limit_spent_and_reset_and_the_text_is_kept(self, htmx_client, alice, model, budget):
        spend(budget("2.00"), alice, "1.993")
        answer = htmx_client.post("/c/messages/", PROMPT)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert 'role="alert"' in html
        for part in ("Your budget for this month is $2.00", "$1.99 is spent", "up to $0.008", "00:00 UTC"):
            assert part in html
        assert PROMPT["text"] in html
        assert Draft.objects.get().text == PROMPT["text"]
        assert not Conversation.objects.exists()
        assert not Message.objects.exists()
        assert not Run.objects.exists()

    def test_without_scripts_the_whole_page_comes_with_the_text(self, alice_client, alice, model, budget):
        spend(budget("2.00"), alice, "2")
        answer = alice_client.post("/c/messages/", PROMPT)
        assert answer.status_code == 422
        assert "<html" in answer.content.decode()
        assert PROMPT["text"] in answer.content.decode()

    def test_retry_continue_edit_and_send_now_go_through_the_same_door(self, htmx_client, alice, chat, budget):
        budget("0")
        for way, fields in (("retry", {}), ("continue", {})):
            answer = htmx_client.post(f"/messages/{chat.answer.uuid}/{way}/", fields)
            assert answer.status_code == 422, way
            assert "Your budget for this month" in answer.content.decode()
        answer = htmx_client.post(f"/messages/{chat.question.uuid}/edit/", {"text": "Another question"})
        assert answer.status_code == 422
        assert "Another question" in answer.content.decode()
        assert "Your budget for this month" in answer.content.decode()
        assert Run.objects.count() == 1

    def test_a_held_message_says_why_and_is_refused_again(self, htmx_client, alice, model, budget):
        chat = Chat.begin(alice, model, "Hello")
        first = chat.answer
        queued = chat.say("And now?").user_message
        budget("0")
        end_answer(first, "Hi.")
        page = htmx_client.get(f"/c/{chat.conversation.uuid}/").content.decode()
        assert "The budget had not enough left when its turn came." in page
        assert htmx_client.post(f"/messages/{queued.uuid}/send/").status_code == 422
        Budget.objects.all().delete()
        assert htmx_client.post(f"/messages/{queued.uuid}/send/").status_code == 200
        assert Run.objects.filter(status=RunStatus.QUEUED).count() == 1

    def test_names_in_it_are_hostile(self, htmx_client, alice, model, budget):
        from django.contrib.auth.models import Group

        group = Group.objects.create(name="<script>alert(1)</script>")
        alice.groups.add(group)
        budget("0", scope="group", group=group)
        html = htmx_client.post("/c/messages/", PROMPT).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html

    def test_a_model_of_unknown_price_may_be_refused(self, htmx_client, alice, model, budget):
        budget("5", blocks_unpriced=True)
        Price.objects.all().delete()
        answer = htmx_client.post("/c/messages/", PROMPT)
        assert answer.status_code == 422
        assert "pays only for models whose price is known" in answer.content.decode()


class TestLeft:
    def shown(self, client, **fields):
        answer = client.post("/estimate/", {"model": "fake/fake-vision", "text": "Hello", **fields})
        assert answer.status_code == 200
        return answer.context["budget"]

    def test_without_a_budget_nothing_is_said(self, alice_client, model):
        assert self.shown(alice_client) is None
        assert "composer__left" not in alice_client.get("/").content.decode()

    @pytest.mark.parametrize(
        "case", [("day", "$1.20 left today"), ("month", "$1.20 left this month"), ("total", "$1.20 left")]
    )
    def test_what_is_left_stands_at_the_composer(self, case, alice_client, alice, model, budget):
        period, text = case
        spend(budget("2", period=period), alice, "0.80")
        assert (self.shown(alice_client).text, self.shown(alice_client).tone) == (text, "")
        assert text in alice_client.get("/").content.decode()

    def test_what_is_held_is_not_left(self, alice_client, alice, model, budget):
        budget("1")
        Chat.begin(alice, model, "Hello")
        assert self.shown(alice_client).text == "$0.99 left this month"

    def test_the_least_of_several_is_shown(self, alice_client, alice, model, budget):
        budget("100", scope="all")
        budget("3", period="day")
        assert self.shown(alice_client).text == "$3.00 left today"

    def test_a_warning_from_its_share_on(self, alice_client, alice, model, budget):
        made = budget("10", warn_percent=50)
        spend(made, alice, "4.99")
        assert self.shown(alice_client).tone == ""
        BudgetPot.objects.update(spent=Decimal(5))
        assert (self.shown(alice_client).text, self.shown(alice_client).tone) == (
            "50% of $10.00 is used. $5.00 left this month",
            "warn",
        )

    def test_more_than_is_left_is_said_before_sending(self, alice_client, alice, model, budget):
        spend(budget("2.00", warn_percent=100), alice, "1.993")
        shown = self.shown(alice_client)
        assert shown.tone == "bad"
        assert shown.text.startswith("This may cost up to $0.008")

    def test_used_up(self, alice_client, alice, model, budget):
        spend(budget("2.00"), alice, "2.5")
        shown = self.shown(alice_client)
        assert shown.tone == "bad"
        assert shown.text.startswith("Your budget for this month is used up: $2.00. The budget starts anew on")

    def test_one_that_only_warns_does_not_look_like_a_refusal(self, alice_client, alice, model, budget):
        spend(budget("2.00", is_blocking=False), alice, "2.5")
        assert self.shown(alice_client).tone == "warn"

    def test_somebody_elses_is_not_shown(self, alice_client, bob, model, budget):
        budget("2", scope="person", person=bob)
        assert self.shown(alice_client) is None

    def test_it_costs_one_query_without_a_budget_and_two_with_many(
        self, alice_client, alice, model, budget, django_assert_num_queries
    ):
        from playground.usage.allowance import allowances

        with django_assert_num_queries(1):
            allowances(alice)
        for _ in range(10):
            spend(budget("2"), alice, 1)
        with django_assert_num_queries(2):
            allowances(alice)


class TestUncountable:
    def test_images_that_nobody_can_count_are_held_for_all_the_same(self, alice, model, budget):
        model.image_tokens = {}
        model.save()
        budget("100")
        image = make_image(alice)
        Chat.begin(alice, model, "Hello", attachment_uuids=[image.uuid])
        assert BudgetPot.objects.get().held == Decimal("0.008016") + 6_000 * 2 / Decimal(1_000_000)

    def test_an_answer_without_a_known_end_is_held_for_all_the_same(self, alice, budget):
        model = make_model("endless", context_tokens=None)
        model.max_output_tokens = None
        model.save()
        budget("100")
        Chat.begin(alice, model, "Hello")
        assert BudgetPot.objects.get().held == (8 * 2 + 32_768 * 8) / Decimal(1_000_000)


class TestTooFast:
    @pytest.fixture(autouse=True)
    def one_a_minute(self, settings):
        settings.REQUESTS_PER_MINUTE = 1

    def test_a_friendly_message_says_when_to_try_again_and_the_text_is_kept(self, htmx_client, model):
        assert htmx_client.post("/c/messages/", {**PROMPT, "request_id": "zero"}).status_code == 204
        answer = htmx_client.post("/c/messages/", PROMPT)
        assert answer.status_code == 429
        seconds = int(answer["Retry-After"])
        assert 1 <= seconds <= 120
        html = answer.content.decode()
        assert "You may send one message a minute. Try again in" in html
        assert PROMPT["text"] in html
        assert Run.objects.count() == 1

    def test_the_same_request_again_is_no_other(self, htmx_client, model):
        for _ in range(3):
            assert htmx_client.post("/c/messages/", PROMPT).status_code == 204

    def test_a_retry_counts_too(self, htmx_client, chat):
        answer = htmx_client.post(f"/messages/{chat.answer.uuid}/retry/")
        assert answer.status_code == 429
        assert answer["HX-Retarget"] == "#notices"
        assert "Retry-After" in answer

    def test_what_was_queued_goes_out_when_its_turn_comes(self, alice, model, settings):
        settings.REQUESTS_PER_MINUTE = 2
        chat = Chat.begin(alice, model, "Hello")
        first = chat.answer
        queued = chat.say("Again").user_message
        end_answer(first, "Hi.")
        queued.refresh_from_db()
        assert queued.queued is None

    def test_a_message_that_is_too_long_for_any_minute_is_not_told_to_wait(self, htmx_client, model, settings):
        settings.REQUESTS_PER_MINUTE, settings.TOKENS_PER_MINUTE = 0, 10
        answer = htmx_client.post("/c/messages/", {**PROMPT, "text": "word " * 50})
        assert answer.status_code == 429
        assert "Retry-After" not in answer
        assert "Shorten it" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_tokens_of_answers_count_when_they_have_come(alice, settings):
    from playground.usage import limits

    settings.TOKENS_PER_MINUTE = 1000
    chat = Chat.begin(alice, make_model("fake-vision"), "Hello")
    chat.end("Hi.")
    assert limits.headers(limits.person(alice.pk))["x-ratelimit-remaining-tokens"] == str(1000 - 8 - 50)
