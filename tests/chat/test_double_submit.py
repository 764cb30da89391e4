"""Two requests with one id at the same moment: one message, one run, one bill. On a real file database with real threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from playground.chat.models import Conversation, Message
from playground.runs.models import Run
from tests.chat.making import Chat, make_model

pytestmark = pytest.mark.django_db(transaction=True)


def both_at_once(act) -> list:
    """`act` in two threads that start together; their results."""
    barrier = threading.Barrier(2, timeout=20)

    def run(number: int):
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_hundred_double_clicks_make_a_hundred_runs(alice):
    make_model("fake-vision")
    clients = [client_of(alice), client_of(alice)]
    for number in range(100):
        fields = {"text": f"Message {number}", "model": "fake/fake-vision", "request_id": f"click-{number}"}
        answers = both_at_once(lambda which, fields=fields: clients[which].post("/c/messages/", fields))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"]
    assert Run.objects.count() == Conversation.objects.count() == 100
    assert Message.objects.count() == 200


def test_two_tabs_that_post_at_once_get_one_answer_after_the_other(alice):
    chat = Chat.begin(alice, make_model("fake-vision"), "Hi")
    chat.end("Hello.")
    clients = [client_of(alice), client_of(alice)]
    url = f"/c/{chat.conversation.uuid}/messages/"
    both_at_once(lambda which: clients[which].post(url, {"text": f"Tab {which}", "request_id": uuid4().hex}))
    assert Run.objects.count() == 2
    assert Message.objects.filter(queued__isnull=False).count() == 1
    assert len(chat.shown) == 5


def test_a_message_posted_while_the_answer_ends_is_sent_once(alice):
    chat = Chat.begin(alice, make_model("fake-vision"), "Hi")
    for number in range(10):
        run = chat.answer.run if number == 0 else Run.objects.active().get()
        client = client_of(alice)
        url = f"/c/{chat.conversation.uuid}/messages/"

        def act(which, run=run, client=client, url=url, number=number):
            from tests.chat.making import end_run

            if which:
                return end_run(run, f"Answer {number}.")
            return client.post(url, {"text": f"Question {number}"})

        both_at_once(act)
        assert Run.objects.active().count() == 1
        assert not Message.objects.filter(queued__isnull=False).exists()
    assert Run.objects.count() == 11


def test_two_retries_with_one_id_are_one(alice):
    chat = Chat.begin(alice, make_model("fake-vision"), "Hi")
    chat.end("Hello.")
    clients = [client_of(alice), client_of(alice)]
    url = f"/messages/{chat.answer.uuid}/retry/"
    both_at_once(lambda which: clients[which].post(url, {"request_id": "one"}))
    assert Run.objects.count() == 2


@pytest.mark.parametrize("is_queued", [False, True])
def test_double_clicks_in_one_conversation_make_one_message_each(alice, is_queued):
    chat = Chat.begin(alice, make_model("fake-vision"), "Hi")
    if not is_queued:
        chat.end("Hello.")
    clients = [client_of(alice), client_of(alice)]
    url = f"/c/{chat.conversation.uuid}/messages/"
    for number in range(10):
        fields = {"text": f"Again {number}", "request_id": f"again-{number}"}
        answers = both_at_once(lambda which, fields=fields: clients[which].post(url, fields))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"]
    assert Message.objects.filter(role="user").count() == 11
    assert Run.objects.count() == (1 if is_queued else 2)  # the others wait for the first one's answer


def test_what_was_deleted_is_not_made_again_by_the_same_request(alice):
    chat = Chat.begin(alice, make_model("fake-vision"), "Hi")
    chat.end("Hello.")
    url = f"/c/{chat.conversation.uuid}/messages/"
    client, fields = client_of(alice), {"text": "Once", "request_id": "once"}
    assert client.post(url, fields).status_code == 302
    Message.objects.filter(Q(request_id="once") | Q(parent__request_id="once")).update(deleted_at=timezone.now())
    answer = client.post(url, fields)
    assert answer.status_code == 422
    assert "was sent before" in answer.content.decode()
    assert Message.objects.filter(text="Once").count() == 1
