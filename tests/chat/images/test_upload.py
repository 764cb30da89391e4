"""What an upload of each kind of file answers, and what is left of it."""

from __future__ import annotations

import io
import resource

import pytest
from django.conf import settings as live_settings
from django.test import Client
from PIL import Image

from playground.chat.images import services
from playground.chat.models import Attachment, Draft, Message, Role
from playground.images import errors, intake, store
from playground.images.models import Blob
from tests.chat.images import files
from tests.chat.images.conftest import make_conversation, stored


def good(name: str = "plain.png") -> bytes:
    return files.GOOD[name]().data


def test_there_are_at_least_44_files():
    assert len(files.REFUSED) >= 30
    assert len(files.GOOD) >= 30


@pytest.mark.parametrize("name", files.REFUSED)
def test_a_bad_file_is_refused_by_name_and_reason_and_nothing_is_kept(name, alice_client, upload, media):
    file = files.REFUSED[name]()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    response = upload(alice_client, file.name, file.data)
    assert response.status_code == file.status
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 2  # seconds of the decoder
    message = response.content.decode()
    assert file.name in message
    assert file.says in message
    assert "data-failed" in message
    assert stored(media) == []
    assert not Attachment.objects.exists()
    assert not Blob.objects.exists()
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", files.GOOD)
def test_a_good_file_is_kept_clean(name, alice_client, upload, media):
    file = files.GOOD[name]()
    response = upload(alice_client, file.name, file.data)
    assert response.status_code == 201, response.content
    attachment = Attachment.objects.select_related("blob").get()
    assert attachment.removed == file.removed
    assert attachment.name == file.name
    blob = attachment.blob
    image, thumbnail = store.image_path(blob.sha256, blob.media_type), store.thumbnail_path(blob.sha256)
    assert stored(media) == sorted([image, thumbnail])
    opened = Image.open(io.BytesIO(image.read_bytes()))
    assert opened.size == (blob.width, blob.height)
    assert image.stat().st_size == blob.byte_size
    assert not opened.getexif()
    assert set(opened.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "transparency",
        "background",
        "loop",
    }
    assert max(Image.open(io.BytesIO(thumbnail.read_bytes())).size) <= 320
    for hidden in (files.CANARY.encode(), b"<script", b"PK\x03\x04"):
        assert hidden not in image.read_bytes() + thumbnail.read_bytes()
    served = alice_client.get(f"/images/{attachment.uuid}/{store.served_name(attachment.uuid, blob)}")
    assert served.content == image.read_bytes()
    upstream = services.data_url(attachment)
    assert upstream.startswith(f"data:{blob.media_type};base64,")
    assert files.CANARY not in upstream
    assert files.CANARY.encode() not in response.content


@pytest.mark.parametrize(("name", "words"), [("gps.jpg", b"GPS removed"), ("iptc.jpg", b"EXIF removed")])
def test_a_badge_says_that_private_data_was_removed(name, words, alice_client, upload):
    assert words in upload(alice_client, name, good(name)).content


def test_the_canary_stands_in_the_files_to_begin_with():
    plain = [name for name in files.GOOD if files.CANARY.encode() in good(name)]
    assert {"gps.jpg", "gps.png", "gps.webp", "gps.heic", "xmp.jpg", "xmp.webp", "iptc.jpg", "comment.jpg"} <= set(
        plain
    )


def test_the_orientation_is_applied_to_the_pixels(alice_client, upload):
    upload(alice_client, "turned.jpg", good("turned.jpg"))
    blob = Blob.objects.get()
    assert (blob.width, blob.height) == (48, 64)
    shown = Image.open(io.BytesIO(store.read(blob)))
    assert shown.getpixel((44, 3))[0] > 150  # the red corner, top left before, is top right when upright


def test_16_bits_of_grey_are_scaled_not_cut_off(alice_client, upload):
    upload(alice_client, "deep.png", good("deep.png"))
    shown = Image.open(io.BytesIO(store.read(Blob.objects.get())))
    assert [shown.getpixel((place, 0)) for place in range(8)] == [0, 32, 64, 96, 128, 159, 191, 223]


def test_transparency_survives(alice_client, upload):
    upload(alice_client, "clear-palette.png", good("clear-palette.png"))
    assert Image.open(io.BytesIO(store.read(Blob.objects.get()))).mode == "RGBA"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\photos\\me.png", "me.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00b\n.png", "ab.png"),
        ("", "image"),
        ("x" * 4000 + ".png", None),
    ],
)
def test_names_are_shown_without_folders_controls_or_length(given, kept):
    name = intake.clean_name(given)
    assert len(name) <= 120
    assert name == kept if kept else name.endswith(".png")


def test_a_name_is_text_not_markup(alice_client, upload):
    response = upload(alice_client, "<img onerror=x>.png", good())
    assert b"<img onerror" not in response.content
    assert b"&lt;img onerror=x&gt;.png" in response.content


def test_more_bytes_than_allowed_are_refused_before_decoding(alice_client, upload, settings, media):
    settings.MAX_IMAGE_BYTES = 10_000
    response = upload(alice_client, "big.png", b"\x89PNG\r\n\x1a\n" + b"0" * 10_000)
    assert response.status_code == 413
    assert b"big.png is larger than" in response.content
    assert stored(media) == []


def test_a_refused_file_leaves_the_others_alone(alice_client, upload):
    assert upload(alice_client, "plain.png", good()).status_code == 201
    assert upload(alice_client, "moving.gif", files.REFUSED["moving.gif"]().data).status_code == 422
    assert upload(alice_client, "plain.jpg", good("plain.jpg")).status_code == 201
    assert [image.name for image in Attachment.objects.all()] == ["plain.png", "plain.jpg"]


@pytest.mark.parametrize("count", [0, 2])
def test_one_file_a_request(count, alice_client, media):
    data = {"file": [io.BytesIO(good()) for _ in range(count)]}
    assert alice_client.post("/images/", data).status_code == 422
    assert stored(media) == []


def test_the_same_picture_is_stored_once_whoever_brings_it(alice_client, bob_client, upload, media):
    for client in (alice_client, alice_client, bob_client):
        assert upload(client, "plain.png", good()).status_code == 201
    assert Blob.objects.count() == 1
    assert Attachment.objects.count() == 3
    assert len(stored(media)) == 2


def test_a_message_takes_as_many_as_the_model_and_no_more(alice_client, upload, model):
    for index in range(20):
        data = files.packed(files.picture(10 + index, 10), "PNG")
        assert upload(alice_client, f"{index}.png", data, model="acme/seer").status_code == 201
    response = upload(alice_client, "one-more.png", good(), model="acme/seer")
    assert response.status_code == 422
    assert b"one-more.png was left out: a message takes at most 20 images" in response.content
    assert Attachment.objects.count() == 20


@pytest.mark.parametrize(("own", "server", "limit"), [(0, 64, 16), (3, 64, 16), (20, 64, 20), (500, 64, 64)])
def test_the_limit_is_the_models_between_16_and_the_servers(own, server, limit, settings, model):
    settings.MAX_IMAGES = server
    model.max_images = own
    assert services.limit_for(model) == limit
    assert services.limit_for(None) == 16


def test_a_person_has_a_quota(alice_client, bob_client, upload, settings):
    assert upload(alice_client, "a.png", good()).status_code == 201
    settings.IMAGE_QUOTA_BYTES = 50
    response = upload(alice_client, "b.png", good("clear.png"))
    assert response.status_code == 422
    assert b"b.png was left out" in response.content
    assert upload(bob_client, "b.png", good("clear.png")).status_code == 201


def test_a_full_disk_leaves_nothing_and_answers_503(alice_client, upload, media):
    media.parent.mkdir(exist_ok=True)
    media.write_bytes(b"in the way")  # no folder can be made here, as root too
    response = upload(alice_client, "plain.png", good())
    assert response.status_code == 503
    assert response["Retry-After"]
    assert b"plain.png could not be stored" in response.content
    assert not Attachment.objects.exists()
    assert not Blob.objects.exists()


def test_a_write_that_fails_half_way_leaves_no_file(media):
    image = intake.clean_image(good(), "plain.png")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # what a full disk does: some bytes go in, the rest do not
    try:
        with pytest.raises(OSError, match="File too large"):
            store.write(image)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(image.data) > 100
    assert stored(media) == []


def test_a_draft_that_is_gone_leaves_no_file(alice, media, model):
    """The limit is counted again under the lock: an upload that comes too late takes its file away."""
    data = good()

    class Late:
        name, size = "late.png", len(data)

        def read(self) -> bytes:
            draft = Draft.objects.create(owner=alice)
            for index in range(16):
                Attachment.objects.create(owner=alice, draft=draft, url=f"https://example.org/{index}.png")
            return data

    with pytest.raises(errors.TooManyImages):
        services.attach_upload(owner=alice, conversation=None, file=Late())
    assert stored(media) == []
    assert not Blob.objects.exists()


def test_uploads_wait_for_a_place_and_then_give_up(monkeypatch, alice_client, upload):
    monkeypatch.setattr(intake, "WAIT_SECONDS", 0.01)
    with intake.PLACES, intake.PLACES:
        response = upload(alice_client, "plain.png", good())
    assert response.status_code == 503
    assert b"plain.png has to wait" in response.content


def test_a_decoder_that_takes_too_long_is_ended(monkeypatch, media):
    monkeypatch.setattr(intake, "WALL_SECONDS", 0.05)
    with pytest.raises(errors.TooDemanding, match=r"slow\.png takes too much time"):
        intake.clean_image(good(), "slow.png")


def test_a_decoder_that_wants_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(intake, "MEMORY_BYTES", 80 * 1024**2)
    with pytest.raises(errors.TooDemanding):
        intake.clean_image(files.packed(Image.new("RGB", (5000, 5000)), "PNG"), "wide.png")


def test_an_upload_belongs_to_the_conversation_it_names(alice, alice_client, upload):
    conversation = make_conversation(alice)
    upload(alice_client, "plain.png", good(), conversation=str(conversation.uuid))
    assert Attachment.objects.get().draft.conversation == conversation


@pytest.mark.parametrize("conversation", ["bobs", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_nobody_attaches_to_anothers_conversation(conversation, bob, alice_client, upload, media):
    if conversation == "bobs":
        conversation = str(make_conversation(bob).uuid)
    response = upload(alice_client, "plain.png", good(), conversation=conversation)
    assert response.status_code == 404
    assert not Draft.objects.exists()
    assert stored(media) == []


def test_the_card_shows_size_tokens_and_price(alice_client, upload, model):
    data = files.packed(files.picture(1920, 1080), "PNG")
    card = upload(alice_client, "wide.png", data, model="acme/seer").content.decode()
    for figure in ("1920\N{MULTIPLICATION SIGN}1080", "1,105", "85", "$0.00221", "$0.00017"):
        assert figure in card


def test_an_unpriced_model_is_unpriced_not_free(alice_client, upload, model):
    model.prices.all().delete()
    card = upload(alice_client, "plain.png", good(), model="acme/seer").content.decode()
    assert "unpriced" in card
    assert "$0" not in card


def test_an_upload_makes_a_bounded_number_of_queries(alice_client, upload, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):  # the session, the model, two transactions with their savepoints
        upload(alice_client, "plain.png", good(), model="acme/seer")


def test_copies_share_the_file_and_stand_on_the_message(alice, alice_client, upload):
    upload(alice_client, "gps.jpg", good("gps.jpg"))
    conversation = make_conversation(alice)
    message = Message.objects.create(conversation=conversation, role=Role.USER, text="Look")
    original = Attachment.objects.get()
    (copy,) = services.copy_attachments([original], message)
    assert (copy.blob_id, copy.name, copy.removed, copy.owner) == (original.blob_id, "gps.jpg", ["exif", "gps"], alice)
    assert copy.message == message
    assert copy.draft is None
    services.remove(attachment=original)
    assert store.read(copy.blob)


def test_a_visitor_is_sent_to_the_sign_in_page(visitor_client, admin, upload, media):
    response = upload(visitor_client, "plain.png", good())
    assert response.status_code == 302
    assert stored(media) == []


def test_without_a_token_nothing_is_taken(alice, media):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend=live_settings.AUTHENTICATION_BACKENDS[0])
    assert client.post("/images/", {"file": io.BytesIO(good())}).status_code == 403
    assert stored(media) == []
