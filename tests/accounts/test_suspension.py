"""What a suspension ends, and what it leaves. Sockets: tests/chat/test_departures.py."""

from __future__ import annotations

from django.test import Client

from playground.accounts import leaving
from playground.accounts.models import AuditEntry
from playground.accounts.people import suspend, unsuspend
from playground.runs import lifecycle
from playground.runs.models import Run
from tests.accounts.people import client_of
from tests.chat.making import Chat, make_model

PASSWORD = "alice's long password"


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def confirm(client: Client, person, what: str = "suspend", reason: str = ""):
    return client.post(f"/admin/accounts/user/{person.pk}/suspend/", {"confirm": what, "reason": reason})


def test_the_next_request_is_signed_out(alice, alice_client, admin_client):
    assert is_in(alice_client)
    assert confirm(admin_client, alice).status_code == 302
    assert not is_in(alice_client)
    assert Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code != 200
    fresh = Client()
    fresh.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert not is_in(fresh)


def test_lifting_it_does_not_bring_sessions_back(alice, alice_client):
    assert is_in(alice_client)
    assert suspend(alice)
    assert unsuspend(alice)
    assert not is_in(alice_client)
    assert is_in(client_of(alice))


def test_running_answers_stop(alice, django_capture_on_commit_callbacks):
    Chat.begin(alice, make_model("fake"), "Go on for long")
    with django_capture_on_commit_callbacks(execute=True):
        suspend(alice)
    assert Run.objects.active().filter(stop_requested_at=None).count() == 0


def test_what_a_request_began_that_was_under_way_is_stopped_by_the_reaper(alice):
    suspend(alice)
    late = Chat.begin(alice, make_model("fake"), "Sent a moment before")
    lifecycle._stop_those_of_the_suspended()
    assert Run.objects.get(message=late.answer).stop_requested_at is not None


def test_nothing_is_deleted_and_everybody_hears_of_it(alice, monkeypatch, django_capture_on_commit_callbacks):
    heard: list[int] = []
    monkeypatch.setattr(leaving, "_handlers", [heard.append])
    chat = Chat.begin(alice, make_model("fake"), "Keep me")
    with django_capture_on_commit_callbacks(execute=True):
        assert suspend(alice)
        assert not suspend(alice)  # once
    assert heard == [alice.pk]
    assert chat.conversation.owner == alice


def test_looking_suspends_nobody_and_the_reason_is_kept(alice, admin_client):
    admin_client.get(f"/admin/accounts/user/{alice.pk}/suspend/")
    admin_client.post(f"/admin/accounts/user/{alice.pk}/suspend/")
    alice.refresh_from_db()
    assert alice.is_active
    confirm(admin_client, alice, reason="Left the company")
    entry = AuditEntry.objects.get(action="user.suspend")
    assert (entry.note, entry.actor_name, entry.target_name) == ("Left the company", "admin", "alice")
    confirm(admin_client, alice, "unsuspend")
    alice.refresh_from_db()
    assert alice.is_active


def test_nobody_suspends_themselves(admin, admin_client):
    confirm(admin_client, admin)
    admin.refresh_from_db()
    assert admin.is_active


def test_several_at_once(alice, bob, admin_client):
    chosen = {"action": "suspend_people", "_selected_action": [alice.pk, bob.pk]}
    admin_client.post("/admin/accounts/user/", chosen)
    assert AuditEntry.objects.filter(action="user.suspend").count() == 2
    for person in (alice, bob):
        person.refresh_from_db()
        assert not person.is_active


def test_sessions_of_before_the_upgrade_live_on(alice, alice_client):
    """The hash of a person who was never suspended is Django's own."""
    from django.contrib.auth.base_user import AbstractBaseUser

    assert alice.get_session_auth_hash() == AbstractBaseUser._get_session_auth_hash(alice)


def test_the_list_of_people_takes_the_same_few_queries_however_long_it_is(
    admin_client, django_user_model, django_assert_max_num_queries
):
    django_user_model.objects.bulk_create(django_user_model(username=f"person{number}") for number in range(10))
    admin_client.get("/admin/accounts/user/")
    with django_assert_max_num_queries(8):
        admin_client.get("/admin/accounts/user/")
    django_user_model.objects.bulk_create(django_user_model(username=f"more{number}") for number in range(1000))
    with django_assert_max_num_queries(8):
        assert admin_client.get("/admin/accounts/user/").status_code == 200
