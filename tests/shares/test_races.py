"""The same form twice at once, and many guesses at once."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from playground.chat.models import Conversation
from playground.shares import throttle
from playground.shares.models import Share
from tests.shares.conftest import url_of

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def at_once(act, times: int = TIMES) -> list:
    barrier = threading.Barrier(times, timeout=60)

    def start(number: int):
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(start, range(times)))


def signed_in(user) -> list[Client]:
    clients = [Client() for _ in range(TIMES)]
    for client in clients:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return clients


def test_a_form_that_is_sent_four_times_is_one_link(chat, alice):
    clients = signed_in(alice)
    page = clients[0].get("/shares/new/", {"conversation": str(chat.conversation.uuid)}).text
    form = {
        "conversation": str(chat.conversation.uuid),
        "title": "T",
        "parts": "images",
        "audience": "public",
        "seen": page.partition('name="seen" value="')[2].partition('"')[0],
        "request_id": "once",
    }
    places = at_once(lambda number: clients[number].post("/shares/new/", form)["Location"])
    assert len(set(places)) == 1
    assert Share.objects.count() == 1


def test_a_link_that_is_taken_four_times_is_one_copy(make, chat, bob):
    link = make("conversation", chat.conversation.uuid)
    clients = signed_in(bob)
    url = f"{url_of(link)}open/"
    places = at_once(lambda number: clients[number].post(url, {"request_id": "once"})["Location"])
    assert len(set(places)) == 1
    assert Conversation.objects.filter(owner=bob).count() == 1


def test_of_guesses_at_once_no_more_are_looked_at_than_may_be():
    looked = Counter(at_once(lambda _number: throttle.may_guess("a" * 64, "10.0.0.1"), times=12))
    assert looked == {True: 5, False: 7}


def test_views_at_once_are_all_counted(make, chat, bob):
    link = make("conversation", chat.conversation.uuid)
    clients = signed_in(bob)
    at_once(lambda number: clients[number].get(url_of(link)))
    assert Share.objects.get().view_count == TIMES
