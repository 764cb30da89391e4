"""Who gets what from a link, and that a stranger learns nothing from one that does not open."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from playground.accounts.models import User
from playground.shares.models import Share
from tests.shares.conftest import PASSPHRASE, enter, unmasked, url_of

NOBODY = "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"
SHUT = ("revoked", "expired", "deleted", "suspended", "protected", "for people with an account")


@pytest.fixture
def link(make, chat) -> Share:
    return make("conversation", chat.conversation.uuid)


def shut(share: Share, how: str) -> None:
    rows = Share.objects.filter(pk=share.pk)
    if how == "revoked":
        share.revoke()
    elif how == "expired":
        rows.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    elif how == "deleted":
        rows.delete()
    elif how == "suspended":
        User.objects.filter(pk=share.owner_id).update(is_active=False)
    elif how == "protected":
        rows.update(passphrase="md5$a$nobody")
    else:
        rows.update(audience="signed_in")


def test_a_public_link_opens_for_everybody(link, visitor_client, bob_client, alice_client):
    for client in (visitor_client, bob_client, alice_client):
        page = client.get(url_of(link))
        assert page.status_code == 200
        assert "It is <strong>red</strong>." in page.text


def test_views_of_others_are_counted(link, visitor_client, bob_client, alice_client):
    for client in (visitor_client, bob_client, alice_client, bob_client):
        client.get(url_of(link))
    visitor_client.head(url_of(link))
    link.refresh_from_db(fields=["view_count"])
    assert link.view_count == 3


@pytest.mark.parametrize("how", SHUT)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_what_does_not_open_looks_like_what_never_was(how, method, link, visitor_client):
    url = url_of(link)
    shut(link, how)
    data = {"passphrase": "some guess"} if method == "post" else {}
    nothing = getattr(visitor_client, method)(NOBODY, data)
    closed = getattr(visitor_client, method)(url, data)
    assert closed.status_code == nothing.status_code == 404
    assert unmasked(closed.content) == unmasked(nothing.content)
    assert {name: value for name, value in closed.headers.items() if name != "Content-Security-Policy"} == {
        name: value for name, value in nothing.headers.items() if name != "Content-Security-Policy"
    }
    assert set(closed.cookies) == set(nothing.cookies)


@pytest.mark.parametrize("how", ["revoked", "expired", "deleted", "protected"])
def test_somebody_signed_in_learns_no_more(how, link, bob_client):
    url = url_of(link)
    assert bob_client.get(url).status_code == 200  # he had the link
    shut(link, how)
    assert unmasked(bob_client.get(url).content) == unmasked(bob_client.get(NOBODY).content)


@pytest.mark.parametrize("how", SHUT)
@pytest.mark.parametrize("path", ["images/1/", "images/1/small/", "texts/0/"])
def test_nothing_under_a_link_that_does_not_open(how, path, link, visitor_client):
    assert visitor_client.get(url_of(link) + path).status_code == 200
    shut(link, how)
    closed, nothing = visitor_client.get(url_of(link) + path), visitor_client.get(NOBODY + path)
    assert closed.status_code == nothing.status_code == 404
    assert closed.content == nothing.content
    assert closed["X-Robots-Tag"] == nothing["X-Robots-Tag"]


def test_the_text_of_a_message_is_copied_as_it_was_written(link, visitor_client):
    answer = visitor_client.get(f"{url_of(link)}texts/0/")
    assert answer.text == "What is *this*?"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["images/0/", "images/2/", "images/2/small/", "texts/99/"])
def test_what_a_link_does_not_hold(path, link, visitor_client):
    assert visitor_client.get(url_of(link) + path).status_code == 404


def test_an_image_of_another_link_is_not_reached(make, chat, visitor_client):
    without = make("conversation", chat.conversation.uuid, parts=[])
    make("conversation", chat.conversation.uuid, parts=["images"])
    assert visitor_client.get(f"{url_of(without)}images/1/").status_code == 404


def test_a_passphrase_opens_for_one_session(make, chat, visitor_client, bob_client):
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    assert visitor_client.get(url_of(link)).status_code == 404
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 404
    assert enter(visitor_client, link, "not it at all") == 404
    assert enter(visitor_client, link, PASSPHRASE) == 302
    assert visitor_client.get(url_of(link)).status_code == 200
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 200
    assert bob_client.get(url_of(link)).status_code == 404


def test_another_passphrase_shuts_out_who_gave_the_old_one(make, chat, visitor_client, alice_client):
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    enter(visitor_client, link, PASSPHRASE)
    form = {"audience": "public", "expires": "", "passphrase": "another one, longer"}
    assert alice_client.post(f"/shares/{link.uuid}/", form).status_code == 302
    assert visitor_client.get(url_of(link)).status_code == 404
    assert enter(visitor_client, link, "another one, longer") == 302
    assert visitor_client.get(url_of(link)).status_code == 200


def test_the_passphrase_of_one_link_opens_no_other(make, chat, visitor_client):
    one = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    other = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    enter(visitor_client, one, PASSPHRASE)
    assert visitor_client.get(url_of(other)).status_code == 404


def test_its_owner_needs_no_passphrase(make, chat, alice_client):
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    assert alice_client.get(url_of(link)).status_code == 200


def test_a_link_for_people_with_an_account(make, chat, visitor_client, bob_client):
    link = make("conversation", chat.conversation.uuid, audience="signed_in")
    assert visitor_client.get(url_of(link)).status_code == 404
    assert bob_client.get(url_of(link)).status_code == 200
    there = visitor_client.get(f"{url_of(link)}sign-in/")
    assert there["Location"] == f"/accounts/login/?next=/s/{link.token}/sign-in/"
    assert bob_client.get(f"{url_of(link)}sign-in/")["Location"] == url_of(link)


def test_the_right_passphrase_without_the_account_looks_wrong(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid, audience="signed_in", passphrase=PASSPHRASE)
    right = visitor_client.post(url_of(link), {"passphrase": PASSPHRASE})
    nothing = visitor_client.post(NOBODY, {"passphrase": PASSPHRASE})
    assert unmasked(right.content) == unmasked(nothing.content)


def test_an_admin_forbids_public_links(link, visitor_client, bob_client, settings):
    settings.PUBLIC_SHARES_ARE_ALLOWED = False
    assert visitor_client.get(url_of(link)).status_code == 404
    assert bob_client.get(url_of(link)).status_code == 200


def test_nobody_makes_a_public_link_where_there_are_none(alice_client, chat, settings):
    settings.PUBLIC_SHARES_ARE_ALLOWED = False
    page = alice_client.get(f"/shares/new/?conversation={chat.conversation.uuid}")
    assert 'value="public"' not in page.text
    form = {"conversation": chat.conversation.uuid, "title": "T", "audience": "public", "seen": "x"}
    assert alice_client.post("/shares/new/", form).status_code == 422


def test_guessing_is_held_up_whatever_the_link(make, chat, visitor_client):
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    answers = {}
    for url in (url_of(link), NOBODY):
        answers[url] = [visitor_client.post(url, {"passphrase": f"guess {n}"}) for n in range(7)]
        assert [one.status_code for one in answers[url]] == [404] * 5 + [429] * 2
    last = [unmasked(found[-1].content) for found in answers.values()]
    assert last[0] == last[1]
    assert enter(visitor_client, link, PASSPHRASE) == 429  # the right one, too
    assert answers[NOBODY][-1]["Retry-After"] == "300"


def test_guessing_many_links_is_held_up(visitor_client):
    statuses = [visitor_client.post(f"/s/made-up-{n}/", {"passphrase": "x"}).status_code for n in range(40)]
    assert statuses == [404] * 30 + [429] * 10


def test_what_has_opened_stays_open_while_somebody_guesses(make, chat, visitor_client, bob_client):
    link = make("conversation", chat.conversation.uuid, passphrase=PASSPHRASE)
    enter(bob_client, link, PASSPHRASE)
    for n in range(7):
        enter(visitor_client, link, f"guess {n}")
    assert bob_client.get(url_of(link)).status_code == 200


def test_looking_for_links_is_held_up(visitor_client, link):
    statuses = {visitor_client.get(f"/s/made-up-{n}/").status_code for n in range(61)}
    assert statuses == {404, 429}
    assert visitor_client.get(url_of(link)).status_code == 200


@pytest.mark.parametrize("token", ["%00", "a" * 5000, "..%2f..", "é", "'; DROP TABLE", "%ed%a0%80"])
def test_odd_tokens_open_nothing(token, visitor_client):
    assert visitor_client.get(f"/s/{token}/").status_code in {400, 404}


def test_headers_of_a_shared_page(link, visitor_client):
    page = visitor_client.get(url_of(link))
    assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex' in page.text
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    image = visitor_client.get(f"{url_of(link)}images/1/")
    assert image["X-Robots-Tag"].startswith("noindex")
    assert image["Cache-Control"] == "private, no-store"
    assert image["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_secret_is_not_in_the_database(link):
    from django.db import connection

    token = link.token
    assert len(token) >= 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM shares_share")
        assert token not in repr(cursor.fetchall())
