"""Addresses, detail, alternative text, order and removal; and whose images these are."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings as live_settings
from django.template.loader import render_to_string
from django.test import Client

from playground.chat.images import services
from playground.chat.models import Attachment, Draft, Message, Role
from playground.images import store
from playground.images.models import Blob
from tests.chat.images import files
from tests.chat.images.conftest import make_conversation, stored

ADDRESS = "https://example.org/cats/tom.png"


@pytest.fixture
def attach(upload):
    def put(client, name="plain.png", **fields) -> Attachment:
        assert upload(client, name, files.GOOD[name]().data, **fields).status_code == 201
        return Attachment.objects.latest("id")

    return put


def unchanged(attachment: Attachment) -> bool:
    fresh = Attachment.objects.get(pk=attachment.pk)
    fields = ("detail", "alt", "position", "draft_id", "message_id", "blob_id")
    return all(getattr(fresh, field) == getattr(attachment, field) for field in fields)


def test_an_address_is_kept_as_it_is_and_never_fetched(alice_client, media):
    response = alice_client.post("/images/url/", {"url": f" {ADDRESS}?size=big "})
    assert response.status_code == 201
    attachment = Attachment.objects.get()
    assert (attachment.url, attachment.name, attachment.blob) == (f"{ADDRESS}?size=big", "tom.png", None)
    assert services.data_url(attachment) == f"{ADDRESS}?size=big"
    assert b"<img" not in response.content  # the page does not fetch it either
    assert stored(media) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tom.png",
        "ftp://example.org/a.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://",
        "https://user:secret@example.org/a.png",
        "https://example.org/a\r\nHost: x",
        "https://exa mple.org/a.png",
        "https://[::1/a.png",
        "gopher://127.0.0.1/",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_refused(url, alice_client):
    response = alice_client.post("/images/url/", {"url": url})
    assert response.status_code == 422
    assert b"is not an address of an image" in response.content
    assert not Attachment.objects.exists()
    assert not Draft.objects.exists()


def test_an_address_is_refused_where_the_provider_does_not_fetch(alice_client, model):
    response = alice_client.post("/images/url/", {"url": ADDRESS, "model": "acme/seer"})
    assert response.status_code == 422
    assert b"Acme does not fetch images by address" in response.content
    model.provider.fetches_image_urls = True
    model.provider.save()
    assert alice_client.post("/images/url/", {"url": ADDRESS, "model": "acme/seer"}).status_code == 201


def test_detail_and_alternative_text_are_kept(alice_client, attach, model):
    image = attach(alice_client)
    response = alice_client.post(f"/images/{image.uuid}/", {"detail": "low", "model": "acme/seer"})
    assert response.status_code == 200
    assert b"85 tok" in response.content
    alice_client.post(f"/images/{image.uuid}/", {"alt": " A plan\n of the flat " + "x" * 600})
    image.refresh_from_db()
    assert image.detail == "low"
    assert image.alt.startswith("A plan of the flat x")
    assert len(image.alt) == 500


def test_an_unknown_detail_changes_nothing(alice_client, attach):
    image = attach(alice_client)
    assert alice_client.post(f"/images/{image.uuid}/", {"detail": "ultra", "alt": "x"}).status_code == 422
    assert alice_client.post("/images/detail/", {"detail": "ultra"}).status_code == 422
    assert unchanged(image)


def test_one_detail_for_all_of_this_draft_only(alice, alice_client, attach):
    conversation = str(make_conversation(alice).uuid)
    here = [attach(alice_client, name) for name in ("plain.png", "plain.jpg")]
    there = attach(alice_client, "clear.png", conversation=conversation)
    assert alice_client.post("/images/detail/", {"detail": "high"}).status_code == 200
    assert [Attachment.objects.get(pk=image.pk).detail for image in here] == ["high", "high"]
    assert unchanged(there)


def test_the_order_is_the_one_that_was_asked_for(alice_client, attach):
    images = [attach(alice_client, name) for name in ("plain.png", "plain.jpg", "clear.png")]
    wanted = [str(images[index].uuid) for index in (2, 0, 1)]
    response = alice_client.post("/images/order/", {"order": wanted})
    assert response.status_code == 200
    assert [str(image.uuid) for image in Attachment.objects.all()] == wanted


def test_an_order_that_misses_or_repeats_an_image_changes_nothing(alice_client, attach):
    first, second = attach(alice_client), attach(alice_client, "plain.jpg")
    for order in ([], [first.uuid], [first.uuid, first.uuid], [first.uuid, second.uuid, uuid.uuid4()], ["x"]):
        assert alice_client.post("/images/order/", {"order": [str(one) for one in order]}).status_code == 404
    assert unchanged(first)
    assert unchanged(second)


def test_removing_takes_the_file_with_it(alice_client, attach, media):
    image = attach(alice_client)
    response = alice_client.post(f"/images/{image.uuid}/remove/")
    assert (response.status_code, response.content) == (200, b"")
    assert not Blob.objects.exists()
    assert stored(media) == []
    assert alice_client.post(f"/images/{image.uuid}/remove/").status_code == 404


def test_removing_leaves_a_file_that_others_use(alice_client, bob_client, attach, media):
    mine, his = attach(alice_client), attach(bob_client)
    alice_client.post(f"/images/{mine.uuid}/remove/")
    assert store.read(his.blob)


def test_images_of_a_message_never_change(alice, alice_client, attach):
    image = attach(alice_client)
    message = Message.objects.create(conversation=make_conversation(alice), role=Role.USER)
    Attachment.objects.update(draft=None, message=message)
    image.refresh_from_db()
    for address, data in ((f"/images/{image.uuid}/", {"alt": "x"}), (f"/images/{image.uuid}/remove/", {})):
        assert alice_client.post(address, data).status_code == 404
    assert alice_client.post("/images/order/", {"order": [str(image.uuid)]}).status_code == 404
    alice_client.post("/images/detail/", {"detail": "low"})
    assert unchanged(image)


@pytest.mark.parametrize("person", ["bob_client", "admin_client"])
def test_what_is_anothers_does_not_exist(person, request, alice_client, attach, media):
    image = attach(alice_client)
    stranger = request.getfixturevalue(person)
    name = store.served_name(image.uuid, image.blob)
    before = stored(media)
    none = uuid.uuid4()
    for mine, absent in (
        (f"/images/{image.uuid}/{name}", f"/images/{none}/{name}"),
        (f"/images/{image.uuid}/thumb/", f"/images/{none}/thumb/"),
    ):
        answers = [stranger.get(mine), stranger.get(absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
    for path in ("", "remove/"):
        answer = stranger.post(f"/images/{image.uuid}/{path}", {"detail": "low", "alt": "mine now"})
        assert answer.status_code == 404
    assert unchanged(image)
    assert stored(media) == before


def test_anothers_image_in_the_body_changes_nothing(alice_client, bob_client, attach):
    his, mine = attach(bob_client), attach(alice_client, "plain.jpg")
    order = [str(his.uuid), str(mine.uuid)]
    assert alice_client.post("/images/order/", {"order": order}).status_code == 404
    assert alice_client.post("/images/order/", {"order": [str(his.uuid)]}).status_code == 404
    alice_client.post("/images/detail/", {"detail": "low"})
    assert unchanged(his)


def test_anothers_conversation_is_no_place(alice_client, bob, bob_client, attach):
    conversation = str(make_conversation(bob).uuid)
    his = attach(bob_client, conversation=conversation)
    for path, data in (
        ("url/", {"url": ADDRESS}),
        ("order/", {"order": [str(his.uuid)]}),
        ("detail/", {"detail": "low"}),
    ):
        assert alice_client.post(f"/images/{path}", {**data, "conversation": conversation}).status_code == 404
    assert alice_client.get("/images/tray/", {"conversation": conversation}).status_code == 404
    assert unchanged(his)


def test_a_visitor_is_sent_to_the_sign_in_page(alice_client, visitor_client, attach):
    image = attach(alice_client)
    name = store.served_name(image.uuid, image.blob)
    gets = [f"/images/{image.uuid}/{name}", f"/images/{image.uuid}/thumb/", "/images/tray/"]
    posts = ["/images/", "/images/url/", "/images/order/", "/images/detail/", f"/images/{image.uuid}/"]
    answers = [visitor_client.get(path) for path in gets] + [visitor_client.post(path) for path in posts]
    answers.append(visitor_client.post(f"/images/{image.uuid}/remove/"))
    assert {answer.status_code for answer in answers} == {302}
    assert unchanged(image)


POSTS = ["", "url/", "order/", "detail/", "{uuid}/", "{uuid}/remove/"]
GETS = ["tray/", "{uuid}/thumb/", "{uuid}/{file}"]


def filled(path: str, image: Attachment) -> str:
    return "/images/" + path.format(uuid=image.uuid, file=store.served_name(image.uuid, image.blob))


@pytest.mark.parametrize("path", POSTS + GETS)
def test_the_wrong_method_is_refused(path, alice_client, attach):
    image = attach(alice_client)
    methods = ["put", "delete", "patch", "get" if path in POSTS else "post"]
    for method in methods:
        assert getattr(alice_client, method)(filled(path, image)).status_code == 405
    assert unchanged(image)


@pytest.mark.parametrize("path", POSTS)
def test_without_a_token_nothing_changes(path, alice, alice_client, attach):
    image = attach(alice_client)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend=live_settings.AUTHENTICATION_BACKENDS[0])
    response = client.post(filled(path, image), {"detail": "low", "url": ADDRESS, "order": [str(image.uuid)]})
    assert response.status_code == 403
    assert unchanged(image)
    assert Attachment.objects.count() == 1


def test_the_tray_costs_the_same_queries_for_one_image_and_for_ten(
    alice_client, attach, model, django_assert_num_queries
):
    names = ["plain.png", *[name for name in files.GOOD if name.endswith(".jpg")][:9]]
    attach(alice_client, names[0])
    alice_client.get("/images/tray/", {"model": "acme/seer"})
    for name in names[1:]:
        attach(alice_client, name)
    with django_assert_num_queries(5):  # session, user, model, attachments with blobs, price
        response = alice_client.get("/images/tray/", {"model": "acme/seer"})
    assert response.content.count(b"data-attachment=") == 10


def test_a_model_without_vision_says_so_in_the_tray(alice_client, attach, blind):
    attach(alice_client)
    page = alice_client.get("/images/tray/", {"model": "acme/reader"}).content
    assert b'data-vision="false"' in page
    assert b"Reader does not read images" in page


def test_a_model_whose_way_of_counting_is_unknown_shows_no_number(alice_client, attach, model):
    model.image_tokens = {}
    model.save()
    attach(alice_client)
    page = alice_client.get("/images/tray/", {"model": "acme/seer"}).content.decode()
    assert " tok" not in page
    assert "$" not in page


def test_sent_images_need_no_query_and_say_what_was_not_sent(alice_client, attach, model, django_assert_num_queries):
    attach(alice_client)
    images = list(Attachment.objects.select_related("blob"))
    shown = {"attachments": images, "model": model}
    with django_assert_num_queries(0):
        html = render_to_string("chat/_message_images.html", shown)
    assert "255 tok" in html
    assert "was not sent" not in html
    html = render_to_string("chat/_message_images.html", {**shown, "omitted": 1})
    assert "1 image was not sent: the model does not read images." in html
    assert " tok" not in html
