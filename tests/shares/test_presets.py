"""A preset by link: what the version says, with images, and as one of one's own."""

from __future__ import annotations

import pytest
from django.core.exceptions import ObjectDoesNotExist

from playground.presets.content import Content, Picture, Starter, Variable
from playground.presets.models import Preset
from playground.presets.services import create_preset, save_version, share_with
from playground.shares.models import Share
from playground.shares.sources import find_source
from tests.chat.making import Chat, make_image, make_model
from tests.shares.conftest import shared_part, url_of

SECRET = "the system prompt 4711"


@pytest.fixture
def content(alice) -> Content:
    picture = make_image(alice)
    return Content(
        model="fake/fake-vision",
        parameters={"system_prompt": SECRET, "temperature": 0.4},
        messages=(
            Starter("user", "Look at *this*", (Picture(sha256=picture.blob.sha256, alt="a red square"),)),
            Starter("assistant", "I **see** it."),
        ),
        variables=(Variable("topic", help="What about?", default="tides"),),
    )


@pytest.fixture
def preset(alice, content) -> Preset:
    return create_preset(owner=alice, name="Tide tables", content=content, description="For the coast")


def test_what_it_shows(make, preset, visitor_client):
    link = make("preset", preset.slug, parts=["system_prompt", "images"])
    page = visitor_client.get(url_of(link))
    for shown in ("For the coast", SECRET, "temperature", "{{topic}}", "What about?", "<em>this</em>", "a red square"):
        assert shown in page.text, shown
    assert visitor_client.get(f"{url_of(link)}images/1/small/").status_code == 200


def test_without_prompt_and_images(make, preset, visitor_client):
    link = make("preset", preset.slug, parts=[])
    assert SECRET not in visitor_client.get(url_of(link)).text
    assert visitor_client.get(f"{url_of(link)}images/1/").status_code == 404


def test_it_is_the_version_of_then(make, preset, content, alice, visitor_client):
    link = make("preset", f"{preset.slug}@1", parts=["system_prompt"])
    changed = Content(
        **{**content.as_json(), "parameters": {"system_prompt": "another"}, "messages": (), "variables": ()}
    )
    save_version(preset=preset, base_number=1, content=changed, note="", author=alice)
    assert SECRET in visitor_client.get(url_of(link)).text


def test_the_preview_is_the_page(preset, alice_client, visitor_client):
    form = {"preset": preset.slug, "title": "Tides", "parts": ["system_prompt", "images"]}
    preview = alice_client.post("/shares/new/", {**form, "preview": "yes"}, headers={"HX-Request": "true"}).text
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    alice_client.post("/shares/new/", {**form, "seen": seen, "audience": "public"})
    page = visitor_client.get(url_of(Share.objects.get())).text
    assert shared_part(preview) == shared_part(page)


def test_taken_it_is_a_preset_of_ones_own(make, preset, content, bob, bob_client):
    link = make("preset", preset.slug, parts=["system_prompt", "images"], title="Taken tides")
    answer = bob_client.post(f"{url_of(link)}open/", {"request_id": "one"})
    made = Preset.objects.get(owner=bob)
    assert answer["Location"] == f"/presets/{made.slug}/"
    taken = made.latest.content
    assert (made.name, taken.model, taken.parameters) == ("Taken tides", content.model, content.parameters)
    assert taken.variables == content.variables
    assert [(one.role, one.text) for one in taken.messages] == [(one.role, one.text) for one in content.messages]
    assert taken.messages[0].images[0].sha256 == content.messages[0].images[0].sha256
    assert made.latest.images.count() == 1
    assert made.forked_from == preset.latest
    assert bob_client.post(f"{url_of(link)}open/", {"request_id": "one"})["Location"] == answer["Location"]
    assert Preset.objects.filter(owner=bob).count() == 1


def test_it_outlives_the_preset(make, preset, visitor_client):
    link = make("preset", preset.slug)
    preset.delete()
    assert visitor_client.get(url_of(link)).status_code == 200


@pytest.mark.parametrize("right", ["use", "edit"])
def test_who_may_use_or_edit_it_makes_no_link_of_it(right, preset, bob, bob_client):
    share_with(preset=preset, name="bob", right=right)
    with pytest.raises(ObjectDoesNotExist):
        find_source(bob, {"preset": preset.slug})
    assert bob_client.get("/shares/new/", {"preset": preset.slug}).status_code == 404


def test_what_was_sent_with_variables_is_what_a_conversation_shows(make, alice, visitor_client):
    model = make_model("fake-vision")
    content = Content(parameters={"system_prompt": "All about {{topic}}."}, variables=(Variable("topic"),))
    preset = create_preset(owner=alice, name="About", content=content)
    chat = Chat.begin(
        alice,
        model,
        "Tell me of {{topic}}",
        parameters=content.parameters,
        preset=preset.latest,
        variables={"topic": "secret tides"},
    )
    chat.end("Tides.")
    link = make("conversation", chat.conversation.uuid, parts=["system_prompt", "receipts"])
    page = visitor_client.get(url_of(link)).text
    assert "All about secret tides." in page
    assert "Tell me of secret tides" in page
    assert preset.latest.name in page
    without = make("conversation", chat.conversation.uuid, parts=["receipts"])
    assert "All about" not in str(without.snapshot)
    assert str(without.snapshot).count("secret tides") == 1  # in the message itself
