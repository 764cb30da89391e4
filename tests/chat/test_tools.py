"""Estimate, raw exchange and receipt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from playground.catalog.models import Price
from tests.chat.making import Chat, end_answer, make_image


def estimate(client, **fields):
    response = client.post("/estimate/", {"model": "fake/fake-vision", **fields})
    assert response.status_code == 200
    return response.context["estimate"]


def test_tokens_context_and_the_worst_case_in_money(alice_client, model):
    made = estimate(alice_client, text="Hello!", system_prompt="You are a helpful assistant.")
    assert made.prompt_tokens == 19
    assert not made.is_approximate
    assert made.context_percent == pytest.approx(0.019)
    assert made.max_output_tokens == 1000
    assert made.cost_at_most == Decimal(19 * 2 + 1000 * 8) / 1_000_000


def test_a_lower_limit_on_the_answer_lowers_the_cost(alice_client, model):
    assert estimate(alice_client, text="Hello!", max_completion_tokens="10").max_output_tokens == 10


def test_the_conversation_so_far_counts(alice_client, chat):
    alone = estimate(alice_client, text="More").prompt_tokens
    assert estimate(alice_client, text="More", conversation=str(chat.conversation.uuid)).prompt_tokens > alone


def test_images_count(alice_client, alice, model):
    made = estimate(alice_client, text="Look", attachments=str(make_image(alice).uuid))
    assert made.image_tokens == 255


def test_an_image_that_was_just_removed_does_not_count(alice_client, alice, model):
    image = make_image(alice)
    image.delete()
    assert estimate(alice_client, text="Look", attachments=str(image.uuid)).image_tokens == 0


def test_a_model_without_a_price_is_unpriced_not_free(alice_client, model):
    Price.objects.all().delete()
    made = estimate(alice_client, text="Hello!")
    assert made.is_unpriced
    assert made.cost_at_most is None


def test_too_long_is_said_before_sending(alice_client, model):
    model.context_tokens = 10
    model.save()
    made = estimate(alice_client, text="word " * 50)
    assert made.is_too_long
    assert made.context_percent == 100


def test_without_a_model_there_is_no_estimate(alice_client, alice):
    assert alice_client.post("/estimate/", {"text": "x"}).context["estimate"] is None


def test_raw_shows_the_exact_body_without_image_bytes_or_secrets(alice_client, alice, model):
    model.provider.api_key = "sk-canary"
    model.provider.headers = '{"X-Secret": "canary"}'
    model.provider.save()
    chat = Chat.begin(alice, model, "Look", attachment_uuids=[make_image(alice).uuid], parameters={"temperature": 0.5})
    end_answer(chat.answer, "Red.")
    response = alice_client.get(f"/messages/{chat.answer.uuid}/raw/")
    raw = response.context["raw"]
    assert '"temperature": 0.5' in raw.request
    assert "data:image/png;base64,…(" in raw.request
    assert '"chat.completion"' in raw.response
    assert "canary" not in response.content.decode()
    assert len(raw.request) < 1500


def test_the_receipt_says_what_was_set_and_what_was_left_out(alice_client, alice, model):
    chat = Chat.begin(alice, model, "Hi", parameters={"temperature": 0.5, "system_prompt": "Short."})
    receipt = alice_client.get(f"/messages/{chat.answer.uuid}/receipt/").context["receipt"]
    sent = {field.name: (field.value, field.origin) for field in receipt.sent}
    assert sent["temperature"] == ("0.5", "user")
    assert sent["system_prompt"] == ('"Short."', "user")
    assert sent["stream"] == ("true", "always")
    assert "seed" in receipt.left_out


def test_a_message_without_a_run_has_neither(alice_client, chat):
    for tool in ("raw", "receipt"):
        assert alice_client.get(f"/messages/{chat.question.uuid}/{tool}/").status_code == 404
