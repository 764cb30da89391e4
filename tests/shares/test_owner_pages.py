"""A person's own links: made, listed, changed, ended; and nobody else's."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.shares.models import Share
from tests.shares.conftest import PASSPHRASE, url_of


@pytest.fixture
def link(make, chat) -> Share:
    return make("conversation", chat.conversation.uuid)


def fill(client, name: str, value) -> dict:
    page = client.get("/shares/new/", {name: str(value)})
    assert page.status_code == 200
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    return {name: str(value), "title": "A title", "parts": ["images"], "audience": "public", "seen": seen}


def test_making_a_link(chat, alice_client, visitor_client):
    form = fill(alice_client, "conversation", chat.conversation.uuid)
    made = alice_client.post("/shares/new/", {**form, "expires": "1d", "passphrase": PASSPHRASE, "shown_as": "Me"})
    share = Share.objects.get()
    assert made["Location"] == f"/shares/{share.uuid}/"
    assert share.expires_at > timezone.now()
    assert PASSPHRASE not in share.passphrase
    page = alice_client.get(made["Location"])
    assert f"http://testserver{url_of(share)}" in page.text
    assert visitor_client.get(url_of(share)).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"title": ""},
        {"title": " \x07 \x1b "},
        {"title": "x" * 201},
        {"shown_as": "x" * 61},
        {"audience": "everybody"},
        {"expires": "soon"},
        {"passphrase": "short"},
        {"passphrase": "x" * 201},
        {"parts": ["everything"]},
        {"seen": "of something else"},
        {"request_id": "no such id!"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(bad, chat, alice_client):
    form = fill(alice_client, "conversation", chat.conversation.uuid)
    assert alice_client.post("/shares/new/", {**form, **bad}).status_code == 422
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    "named", [{}, {"conversation": "x"}, {"message": ""}, {"preset": "no@such"}, {"comparison": "1"}]
)
def test_nothing_to_share(named, alice_client):
    assert alice_client.get("/shares/new/", named).status_code == 404


def test_two_things_at_once_are_none(chat, alice_client):
    named = {"conversation": str(chat.conversation.uuid), "message": str(chat.answer.uuid)}
    assert alice_client.get("/shares/new/", named).status_code == 404


def test_nobody_shares_what_is_not_theirs(chat, bob_client, admin_client, visitor_client):
    for named in ({"conversation": str(chat.conversation.uuid)}, {"message": str(chat.answer.uuid)}):
        for client in (bob_client, admin_client):
            assert client.get("/shares/new/", named).status_code == 404
            assert client.post("/shares/new/", named).status_code == 404
        assert visitor_client.get("/shares/new/", named).status_code == 302


@pytest.mark.parametrize("path", ["", "update/", "revoke/", "delete/"])
def test_a_link_belongs_to_one_person(path, link, bob_client, admin_client):
    for client in (bob_client, admin_client):
        url = f"/shares/{link.uuid}/{path}"
        assert client.post(url, {"audience": "public"}).status_code == 404
        if path in {"", "update/"}:
            assert client.get(url).status_code == 404
    assert Share.objects.get().revoked_at is None


def test_revoking_and_deleting(link, alice_client, visitor_client):
    assert alice_client.post(f"/shares/{link.uuid}/revoke/", {"back": "list"})["Location"] == "/shares/"
    assert visitor_client.get(url_of(link)).status_code == 404
    page = alice_client.get("/shares/").text
    assert "revoked" in page
    assert link.token not in alice_client.get(f"/shares/{link.uuid}/").text
    assert alice_client.post(f"/shares/{link.uuid}/delete/").status_code == 302
    assert not Share.objects.exists()


def test_changing_the_terms_leaves_what_is_left_alone(make, chat, alice_client):
    ends = timezone.now() + timezone.timedelta(days=3)
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE, expires_at=ends)
    assert alice_client.post(f"/shares/{link.uuid}/", {"audience": "signed_in", "expires": "keep"}).status_code == 302
    changed = Share.objects.get()
    assert (changed.audience, changed.expires_at, changed.passphrase) == ("signed_in", ends, link.passphrase)
    form = {"audience": "public", "expires": "", "forget_passphrase": "yes"}
    assert alice_client.post(f"/shares/{link.uuid}/", form).status_code == 302
    changed = Share.objects.get()
    assert (changed.audience, changed.expires_at, changed.passphrase) == ("public", None, "")


def test_updating_a_link_by_its_page(link, chat, alice_client, visitor_client):
    chat.say("A later question")
    chat.end("A later answer.")
    page = alice_client.get(f"/shares/{link.uuid}/update/").text
    assert "A later answer." in page
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    form = {"title": "Later", "parts": ["images"], "seen": seen}
    assert alice_client.post(f"/shares/{link.uuid}/update/", {**form, "seen": "x"}).status_code == 422
    assert alice_client.post(f"/shares/{link.uuid}/update/", form).status_code == 302
    assert "A later answer." in visitor_client.get(url_of(link)).text


def test_a_link_whose_original_is_gone_says_so(link, chat, alice_client):
    chat.conversation.delete()
    assert "What this link was made from is gone" in alice_client.get(f"/shares/{link.uuid}/").text
    assert alice_client.get(f"/shares/{link.uuid}/update/")["Location"] == f"/shares/{link.uuid}/"


def test_a_lost_key_is_said(link, alice_client, visitor_client, settings):
    from cryptography.fernet import Fernet

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    page = alice_client.get(f"/shares/{link.uuid}/")
    assert page.status_code == 200
    assert "cannot be shown any more" in page.text
    assert alice_client.get("/shares/").status_code == 200


def test_the_list_takes_the_same_queries_with_ten_and_a_thousand(link, alice, alice_client):
    counts = []
    alice_client.get("/shares/")  # her session is new, and is written once
    for more in (9, 990):
        Share.objects.bulk_create(
            Share(
                owner=alice,
                kind="conversation",
                title=f"Link {n}",
                token="x",
                token_hash=f"{more}-{n}",
                snapshot={},
                request_id=f"{more}-{n}",
                updated_at=timezone.now(),
            )
            for n in range(more)
        )
        with CaptureQueriesContext(connection) as queries:
            assert alice_client.get("/shares/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_suspended_person_comes_back_to_their_links(link, alice, visitor_client):
    alice.is_active = False
    alice.save()
    assert visitor_client.get(url_of(link)).status_code == 404
    alice.is_active = True
    alice.save()
    assert visitor_client.get(url_of(link)).status_code == 200


def test_links_of_somebody_who_was_deleted_are_gone(link, alice, visitor_client):
    url = url_of(link)
    alice.delete()
    assert visitor_client.get(url).status_code == 404
    assert not Share.objects.exists()
