"""Images on their way to the model: in order, with their detail, without what the camera wrote into them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.pages import Chat, Inspector
from tests.browser.test_images import DECODING_MS, give, names, pick
from tests.chat.images import files
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server


def three_kinds(folder: Path) -> list[Path]:
    """A JPEG with EXIF and GPS, a PNG and a WebP, each of its own size."""
    kinds = {
        "a.jpg": files.packed(files.picture(320, 200), "JPEG", exif=files.exif()),
        "b.png": files.packed(files.picture(240, 180), "PNG", pnginfo=files.png_text()),
        "c.webp": files.packed(files.picture(160, 120), "WEBP"),
    }
    for name, data in kinds.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in kinds]


def test_three_images_reach_the_model_in_order_with_their_detail_and_without_exif(
    own_site: Server, fake: FakeOpenAI, page: Page, tmp_path: Path
):
    chat = Chat(page).open(own_site.url)
    pick(page, *three_kinds(tmp_path))
    cards = page.locator("image-tray [data-attachment]")
    expect(cards).to_have_count(3, timeout=DECODING_MS)
    expect(page.get_by_text("GPS removed").first).to_be_visible()
    for card in cards.all():
        expect(card.locator(".shot__facts")).to_contain_text("tok")
        expect(card.locator("img")).to_be_visible()
    order = names(page)
    last = page.get_by_role("button", name=f"Move {order[2]} left")
    last.press("Enter")
    expect(page.locator("image-tray [data-status]")).to_contain_text("is now image 2 of 3")
    order[1], order[2] = order[2], order[1]
    details = {order[0]: "low", order[1]: "high", order[2]: "auto"}
    for name, detail in details.items():
        if detail != "auto":
            with page.expect_response(lambda response: response.request.method == "POST"):
                page.get_by_role("combobox", name=f"Detail of {name}").select_option(detail)
            expect(page.get_by_role("combobox", name=f"Detail of {name}")).to_have_value(detail)
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_label(f"Alt text of {order[0]}").fill("A house")
        page.get_by_label(f"Alt text of {order[0]}").press("Tab")
    fake.play(Reply.text("Three fields of blue."))
    chat.ask("What differs?")
    chat.settled()
    sizes = {"a.jpg": (320, 200), "b.png": (240, 180), "c.webp": (160, 120)}
    sent = fake.last.images
    assert [(image.width, image.height) for image in sent] == [sizes[str(name)] for name in order]
    assert [image.detail for image in sent] == [details[name] for name in order]
    assert not any(image.has_exif for image in sent)
    assert not any(files.CANARY.encode() in image.data for image in sent)
    expect(cards).to_have_count(0)
    expect(chat.questions.first.get_by_role("img")).to_have_count(3)
    expect(chat.questions.first.get_by_role("img", name="A house")).to_be_visible()
    # The next question still shows them to the model.
    fake.play(Reply.text("As I said."))
    chat.ask("Once more?")
    chat.settled()
    assert len(fake.last.images) == 3


def test_a_message_of_images_alone_after_the_first_empties_the_tray(own_site: Server, fake: FakeOpenAI, page: Page):
    chat = Chat(page).open(own_site.url)
    fake.play(Reply.text("Hello."))
    chat.ask("Hello")
    chat.settled()
    give(page, "drop", "later.png")
    cards = page.locator("image-tray [data-attachment]")
    expect(cards).to_have_count(1, timeout=DECODING_MS)
    fake.play(Reply.text("A picture."))
    chat.send.click()
    expect(chat.body).to_contain_text("A picture.")
    chat.settled()
    expect(cards).to_have_count(0)
    expect(chat.questions.last.get_by_role("img")).to_be_visible()
    assert len(fake.last.images) == 1


def test_an_image_given_by_address_goes_to_the_provider_as_it_is(own_site: Server, fake: FakeOpenAI, page: Page):
    chat = Chat(page).open(own_site.url)
    page.get_by_role("button", name="Attach an image by address").click()
    box = page.get_by_role("textbox", name="Image address")
    expect(box).to_be_focused()
    box.fill("https://example.com/cat.png")
    box.press("Enter")
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1)
    fake.play(Reply.text("A cat, I am told."))
    chat.ask("What is it?")
    chat.settled()
    assert [image.url for image in fake.last.images] == ["https://example.com/cat.png"]
    fake.play(Reply.error(400, "Error while downloading the image.", code="invalid_image_url"))
    chat.ask("And now?")
    chat.settled()
    expect(chat.answer.get_by_role("alert")).to_contain_text("Error while downloading the image.")


def test_a_model_without_vision_says_so_at_the_button_and_leaves_images_out_visibly(
    own_site: Server, fake: FakeOpenAI, page: Page
):
    chat = Chat(page).open(own_site.url)
    give(page, "paste", "seen.png")
    expect(page.locator("image-tray [data-attachment]")).to_have_count(1, timeout=DECODING_MS)
    fake.play(Reply.text("I see."))
    chat.ask("Look")
    chat.settled()
    assert len(fake.last.images) == 1
    left_out = chat.questions.first.get_by_text("Left out: the chosen model does not read images.")
    expect(left_out).to_be_hidden()
    model = Inspector(page).select("Model")
    model.select_option(value="openai/fake-chat")
    button = page.get_by_role("button", name="Attach images", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#attach-why")).to_contain_text("does not read images")
    expect(left_out).to_be_visible()
    fake.play(Reply.text("I see nothing."))
    chat.ask("And now?")
    chat.settled()
    assert fake.last.json["model"] == "fake-chat"
    contents = [message["content"] for message in fake.last.json["messages"]]
    assert contents == ["Look", "I see.", "And now?"]  # text, not parts
    expect(left_out).to_be_visible()
    page.reload()
    chat.ready()
    expect(chat.questions.first.get_by_role("img")).to_be_visible()
    expect(left_out).to_be_visible()
    expect(page.locator("#composer-errors")).to_contain_text("those in this conversation are left out")
    model.select_option(value="openai/gpt-4.1")
    expect(left_out).to_be_hidden()
    expect(page.locator("#composer-errors")).to_be_empty()
    fake.play(Reply.text("I see it again."))
    chat.ask("And with eyes?")
    chat.settled()
    assert len(fake.last.images) == 1
