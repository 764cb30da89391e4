"""Content is private; where the operator allows it an admin opens it for a reason, and its owner is told."""

from __future__ import annotations

import datetime

import pytest

from playground.accounts.models import AuditEntry
from playground.chat.models import Attachment, Conversation
from playground.oversight.models import Opening
from tests.chat.making import make_long_conversation, make_model
from tests.oversight.conftest import SECRET_WORDS

REASON = "Complaint number 4711 of a colleague"
LIST = "/admin/oversight/conversationfigures/"


@pytest.fixture
def is_allowed(settings):
    settings.CONTENT_REVIEW_IS_ON = True


def door(chat) -> str:
    return f"{LIST}{chat.conversation.pk}/change/"


def open_it(client, chat, reason: str = REASON):
    return client.post(door(chat), {"reason": reason})


def test_by_default_an_admin_sees_figures_only(chat, admin_client):
    for path in (LIST, door(chat)):
        page = admin_client.get(path).content.decode()
        assert "alice" in page
        assert SECRET_WORDS not in page
        assert chat.conversation.title not in page
    assert "PLAYGROUND_ADMIN_CONTENT_REVIEW" in page
    assert open_it(admin_client, chat).status_code == 403
    assert not Opening.objects.exists()


def test_with_a_reason_it_is_open(chat, admin_client, is_allowed):
    assert SECRET_WORDS not in admin_client.get(door(chat)).content.decode()
    answer = open_it(admin_client, chat)
    assert answer.status_code == 302
    page = admin_client.get(answer["Location"]).content.decode()
    assert page.count(SECRET_WORDS) >= 2
    assert "Of course." in page
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.note, entry.actor_name) == ("conversation.open", REASON, "admin")
    assert SECRET_WORDS not in str(AuditEntry.objects.values().get())


@pytest.mark.parametrize("reason", ["", "because", " " * 40, "x" * 501])
def test_without_a_real_reason_it_stays_shut(reason, chat, admin_client, is_allowed):
    answer = open_it(admin_client, chat, reason)
    assert answer.status_code == 422
    assert SECRET_WORDS not in answer.content.decode()
    assert not Opening.objects.exists()
    assert not AuditEntry.objects.exists()


def test_its_owner_is_told_with_the_reason(chat, admin_client, alice_client, is_allowed):
    path = f"/c/{chat.conversation.uuid}/"
    assert "An admin opened" not in alice_client.get(path).content.decode()
    open_it(admin_client, chat, "Because <b>I</b> must look")
    page = alice_client.get(path).content.decode()
    assert "An admin opened this conversation on" in page
    assert "Because &lt;b&gt;I&lt;/b&gt; must look" in page


def test_the_owner_is_still_told_when_the_operator_has_forbidden_it_since(chat, admin_client, alice_client, settings):
    settings.CONTENT_REVIEW_IS_ON = True
    place = open_it(admin_client, chat)["Location"]
    settings.CONTENT_REVIEW_IS_ON = False
    assert REASON in alice_client.get(f"/c/{chat.conversation.uuid}/").content.decode()
    assert admin_client.get(place).status_code == 403


def test_it_is_open_for_an_hour_and_to_that_admin_alone(
    chat, admin_client, other_admin_client, is_allowed, time_machine
):
    place = open_it(admin_client, chat)["Location"]
    assert other_admin_client.get(place).status_code == 404
    time_machine.move_to(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=61))
    assert admin_client.get(place).status_code == 404


@pytest.mark.parametrize("who", ["visitor_client", "alice_client", "bob_client", "reviewer_client"])
def test_nobody_else_gets_near_it(who, chat, admin_client, is_allowed, request):
    place = open_it(admin_client, chat)["Location"]
    image = f"{place}images/{Attachment.objects.get().uuid}/"
    client = request.getfixturevalue(who)
    for answer in (
        client.get(LIST),
        client.get(door(chat)),
        open_it(client, chat),
        client.get(place),
        client.get(image),
        client.get(f"{LIST}retention/"),
        client.post(f"{LIST}retention/", {"confirm": "on", "before": "2026-01-01T00:00:00.000000+00:00"}),
    ):
        assert answer.status_code in {302, 403}
        assert SECRET_WORDS not in answer.content.decode(errors="ignore")
    assert Opening.objects.count() == 1


def test_its_images_come_with_it_and_no_others(chat, admin_client, is_allowed, alice):
    place = open_it(admin_client, chat)["Location"]
    image = Attachment.objects.get()
    answer = admin_client.get(f"{place}images/{image.uuid}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, image.blob.media_type)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    from tests.chat.making import make_image

    elsewhere = make_image(alice, color="blue")  # on a draft of hers
    for uuid in (elsewhere.uuid, "00000000-0000-4000-8000-000000000000", "nonsense"):
        assert admin_client.get(f"{place}images/{uuid}/").status_code == 404


def test_what_its_owner_deleted_cannot_be_opened(chat, admin_client, is_allowed):
    place = open_it(admin_client, chat)["Location"]
    Conversation.objects.update(deleted_at=datetime.datetime.now(datetime.UTC))
    assert admin_client.get(place).status_code == 404
    assert open_it(admin_client, chat).status_code == 403


def test_a_page_of_content_takes_the_same_queries_however_long_it_is(
    alice, admin_client, is_allowed, django_assert_max_num_queries
):
    model = make_model("fake")
    for length in (10, 1000):
        conversation = make_long_conversation(alice, model, length)
        place = admin_client.post(f"{LIST}{conversation.pk}/change/", {"reason": REASON})["Location"]
        admin_client.get(place)
        with django_assert_max_num_queries(7):
            assert admin_client.get(place).status_code == 200
    assert "Page 20 of 20" in admin_client.get(f"{place}?page=20").content.decode()


def test_the_list_takes_the_same_few_queries_however_long_it_is(alice, admin_client, django_assert_max_num_queries):
    now = datetime.datetime.now(datetime.UTC)
    Conversation.objects.bulk_create(Conversation(owner=alice, updated_at=now) for _ in range(10))
    admin_client.get(LIST)
    with django_assert_max_num_queries(9):
        admin_client.get(LIST)
    Conversation.objects.bulk_create(Conversation(owner=alice, updated_at=now) for _ in range(1000))
    with django_assert_max_num_queries(9):
        assert admin_client.get(LIST).status_code == 200


def test_a_conversation_is_found_by_its_address_and_by_its_owner(chat, bob, admin_client):
    other = Conversation.objects.create(owner=bob, updated_at=datetime.datetime.now(datetime.UTC))
    for query in (f"http://testserver/c/{chat.conversation.uuid}/", "alice"):
        page = admin_client.get(LIST, {"q": query}).content.decode()
        assert chat.conversation.uuid.hex[:8] in page
        assert other.uuid.hex[:8] not in page


class TestRetentionPage:
    def test_it_shows_before_it_deletes(self, chat, admin_client):
        Conversation.objects.update(updated_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=100))
        page = admin_client.get(f"{LIST}retention/?days=90")
        assert page.status_code == 200
        assert "Delete 1 conversation" in page.content.decode()
        assert Conversation.objects.count() == 1
        before = page.context["before"]
        assert admin_client.post(f"{LIST}retention/", {"before": before}).status_code == 422  # not confirmed
        assert Conversation.objects.count() == 1
        assert admin_client.post(f"{LIST}retention/", {"before": before, "confirm": "on"}).status_code == 302
        assert Conversation.objects.count() == 0
        assert AuditEntry.objects.get().action == "retention.delete"

    def test_what_is_new_cannot_be_named(self, chat, admin_client):
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
        for before in (now, "2999-01-01T00:00:00.000000+00:00", "nonsense", ""):
            answer = admin_client.post(f"{LIST}retention/", {"before": before, "confirm": "on"})
            assert answer.status_code == 422
        assert Conversation.objects.count() == 1

    @pytest.mark.parametrize("days", ["0", "-1", "x", "999999999999"])
    def test_odd_ages_are_refused_in_words(self, days, admin_client):
        assert admin_client.get(f"{LIST}retention/", {"days": days}).status_code == 422
