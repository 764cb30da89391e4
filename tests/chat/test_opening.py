"""Opening a conversation costs the same however long it is."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.chat.models import Conversation, Message
from playground.chat.opening import open_page
from playground.lib.markdown import RENDERER_VERSION
from tests.chat.making import make_image, make_long_conversation

MOST_QUERIES = 13  # one of them reads the presets of the select


@pytest.fixture
def long_one(alice, model):
    return make_long_conversation(alice, model, 1000)


def queries(client, url) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_thousand_messages_open_within_twelve_queries(alice_client, long_one):
    url = f"/c/{long_one.uuid}/"
    alice_client.get(url)  # renders what was never shown
    assert queries(alice_client, url) <= MOST_QUERIES


def test_queries_do_not_grow_with_length_images_or_alternatives(alice_client, alice, model, long_one):
    short = make_long_conversation(alice, model, 20)
    for conversation in (short, long_one):
        alice_client.get(f"/c/{conversation.uuid}/")
    image = make_image(alice)
    for message in long_one.messages.order_by("-id")[:40]:
        image.pk, image.uuid, image.draft, image.message = None, None, None, message
        from uuid import uuid4

        image.uuid = uuid4()
        image.save(force_insert=True)
        Message.objects.create(conversation=long_one, parent=message.parent, role=message.role, text="Other")
    counts = [queries(alice_client, f"/c/{conversation.uuid}/") for conversation in (short, long_one)]
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_a_thousand_messages_cost_little(alice, alice_client, long_one):
    """CPU of what this part does; the page's whole time is the bench's, where nothing else runs."""
    alice_client.get(f"/c/{long_one.uuid}/")
    took = []
    for _ in range(10):
        conversation = Conversation.objects.get(pk=long_one.pk)
        began = time.thread_time()
        open_page(alice, conversation)
        took.append(time.thread_time() - began)
    assert min(took) < 0.05


def test_rendered_text_is_kept_and_made_anew_for_a_new_renderer(alice_client, chat):
    url = f"/c/{chat.conversation.uuid}/"
    alice_client.get(url)
    assert chat.answer.html_version == RENDERER_VERSION
    assert "<strong>six</strong>" in chat.answer.html
    Message.objects.update(html="old", html_version=RENDERER_VERSION + 1)
    assert "<strong>six</strong>" in alice_client.get(url).content.decode()
    assert chat.answer.html != "old"


def test_an_answer_that_is_being_written_is_not_rendered_yet(alice_client, chat):
    chat.say("More")
    page = alice_client.get(f"/c/{chat.conversation.uuid}/").context["page"]
    assert page.messages[-1].html == ""
    assert chat.answer.html_version == 0


def test_hostile_model_output_is_inert(alice_client, chat):
    chat.say("More")
    chat.end("<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))")
    content = alice_client.get(f"/c/{chat.conversation.uuid}/").content.decode()
    assert "<script>alert" not in content
    assert "<img src=x" not in content
    assert 'href="javascript' not in content


def test_a_pasted_book_is_shown_by_its_beginning(alice_client, alice):
    from tests.chat.making import Chat, make_model

    chat = Chat.begin(alice, make_model("long", context_tokens=1_047_576), "word " * 100_000)
    response = alice_client.get(f"/c/{chat.conversation.uuid}/")
    shown = response.context["page"].messages[0]
    assert shown.is_cut
    assert len(shown.html) < 300_000
    assert len(alice_client.get(f"/messages/{shown.uuid}/text/").content) == 500_000
