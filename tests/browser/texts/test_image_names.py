"""Names and descriptions of images are text."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Console
from tests.browser.texts.hostile import OUT, TWICE, opened, quiet
from tests.chat.images.files import packed, picture
from tests.fake_openai import FakeOpenAI, Reply


def test_names_and_descriptions_of_images_are_text(fake: FakeOpenAI, page: Page, console: Console):
    console.allow("415")
    chat = opened(page)
    names = [f"{text}.png" for text in ('"><img src=data:, onerror=fired()>', "'\"><svg onload=fired()>", TWICE)]
    good = packed(picture(), "PNG")
    files = [FilePayload(name=name, mimeType="image/png", buffer=good) for name in names]
    files.append(FilePayload(name="<img src=data:, onerror=fired()>.png", mimeType="image/png", buffer=b"no picture"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(files)
    cards = page.locator("image-tray [data-attachment]")
    expect(cards).to_have_count(len(names), timeout=60_000)
    refused = page.locator("image-tray [data-failed]")
    expect(refused).to_contain_text("<img src=data:, onerror=fired()>.png", timeout=60_000)
    # The browser writes the quotes of a file's name so, and the server reads entities in it.
    shown = {name.replace('"', "%22").replace("&lt;", "<").replace("&gt;", ">") for name in names}
    assert set(page.locator("image-tray .shot__name").all_text_contents()) == shown
    alt = page.get_by_label("Alt text of %22><img")
    alt.fill(OUT)
    with page.expect_response(lambda response: response.request.method == "POST" and "/images/" in response.url):
        alt.press("Enter")
    quiet(page)
    page.reload()
    chat.ready()
    expect(alt).to_have_value(OUT)
    quiet(page)
    fake.play(Reply.text("I see."))
    chat.ask("Look")
    chat.settled()
    for _visit in ("as it was sent", "after a reload"):
        pictures = chat.questions.last.get_by_role("img")
        expect(pictures).to_have_count(len(names))
        assert OUT in [one.get_attribute("alt") for one in pictures.all()]
        quiet(page)
        page.reload()
        chat.ready()
