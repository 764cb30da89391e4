"""Images in a real browser: picker, drop, paste, order, removal; and a picture that is also a page."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import Chat
from tests.chat.images import files

DECODING_MS = 30_000  # each file is decoded by a program of its own, on a busy machine too
# Makes a File from base64 and hands it to the page as the browser does for a drop or a paste.
GIVE = """([type, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  document.body.dispatchEvent(type === "drop"
    ? new DragEvent("drop", { ...options, dataTransfer: transfer })
    : new ClipboardEvent("paste", { ...options, clipboardData: transfer }));
}"""


@pytest.fixture
def chat(page: Page) -> Page:
    """A new chat whose draft holds no images."""
    return Chat(page).open().page


def put(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        make = files.GOOD.get(path.name) or files.REFUSED[path.name]
        path.write_bytes(make().data)
    return paths


def pick(page: Page, *paths: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images", exact=True).click()
    chooser.value.set_files(paths)


def give(page: Page, how: str, name: str) -> None:
    page.evaluate(GIVE, [how, name, base64.b64encode(files.GOOD["plain.png"]().data).decode()])


def names(page: Page) -> list[str | None]:
    return [card.get_attribute("data-name") for card in page.locator("image-tray [data-attachment]").all()]


def test_images_come_by_picker_drop_and_paste_and_survive_a_reload(chat: Page, tmp_path: Path):
    pick(chat, *put(tmp_path, "gps.jpg"))
    give(chat, "drop", "dropped.png")
    give(chat, "paste", "pasted.png")
    cards = chat.locator("image-tray [data-attachment]")
    expect(cards).to_have_count(3, timeout=DECODING_MS)
    expect(chat.get_by_text("GPS removed")).to_be_visible()
    before = names(chat)
    chat.get_by_role("button", name=f"Move {before[2]} left").press("Enter")
    expect(chat.get_by_role("button", name=f"Move {before[2]} left")).to_be_focused()
    expect(chat.locator("image-tray [data-status]")).to_contain_text("is now image 2 of 3")
    chat.get_by_label(f"Alt text of {before[0]}").fill("A house")
    with chat.expect_response(lambda response: response.request.method == "POST"):
        chat.get_by_label(f"Alt text of {before[0]}").press("Enter")
    chat.reload()
    expect(cards).to_have_count(3, timeout=DECODING_MS)
    assert names(chat) == [before[0], before[2], before[1]]
    expect(chat.get_by_label(f"Alt text of {before[0]}")).to_have_value("A house")


def test_images_keep_the_order_they_were_chosen_in_whichever_is_ready_first(chat: Page, tmp_path: Path):
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    chat.route("**/images/", hold_first)
    cards = chat.locator("image-tray [data-attachment]")
    pick(chat, *put(tmp_path, "gps.jpg", "plain.png"))
    expect(cards).to_have_count(1, timeout=DECODING_MS)
    expect(cards).to_have_attribute("data-name", "plain.png")
    with chat.expect_response("**/images/order/", timeout=DECODING_MS):
        held[0].continue_()
    assert names(chat) == ["gps.jpg", "plain.png"]
    expect(chat.locator("#estimate")).to_contain_text("≈")  # the images count
    chat.reload()
    expect(cards).to_have_count(2)
    assert names(chat) == ["gps.jpg", "plain.png"]


def test_a_bad_file_says_why_and_the_others_go_on(chat: Page, tmp_path: Path, console):
    console.allow("422")
    pick(chat, *put(tmp_path, "moving.gif", "plain.png", "plain.jpg"))
    expect(chat.locator("image-tray [data-attachment]")).to_have_count(2, timeout=DECODING_MS)
    expect(chat.locator("image-tray [data-failed]")).to_contain_text("moving.gif is animated", timeout=DECODING_MS)
    chat.get_by_role("button", name="Dismiss").click()
    expect(chat.locator("image-tray [data-failed]")).to_have_count(0)


def test_an_image_opens_large_and_closes_with_the_keyboard(chat: Page, tmp_path: Path):
    pick(chat, *put(tmp_path, "plain.png"))
    link = chat.get_by_role("link", name="Enlarge plain.png")
    link.press("Enter")
    expect(chat.get_by_role("dialog", name="Image")).to_be_visible()
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("dialog", name="Image")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_picture_that_is_also_a_page_is_named_and_not_kept(chat: Page, tmp_path: Path, console):
    console.allow("422")
    paths = [tmp_path / name for name in ("page.png", "page.jpg")]
    for path in paths:
        path.write_bytes(files.REFUSED[path.name]().data)
    pick(chat, *paths, *put(tmp_path, "plain.png"))
    expect(chat.locator("image-tray [data-attachment]")).to_have_count(1, timeout=DECODING_MS)
    for path in paths:
        expect(chat.locator("image-tray")).to_contain_text(f"{path.name} is not only an image")
    # The payload bites where nothing protects: the same files, opened as pages.
    for path in paths:
        raw = path.with_suffix(f"{path.suffix}.html")
        raw.write_bytes(path.read_bytes())
        chat.goto(raw.as_uri())
        assert chat.evaluate("document.documentElement.dataset.ran") == "1"


def test_an_opened_picture_is_a_picture_and_nothing_else(chat: Page, tmp_path: Path, console):
    console.allow(
        "inline style|CSP: |Blocked script execution"
    )  # of the browser's own page around an image, not of ours
    pick(chat, *put(tmp_path, "tail.png", "gps.jpg"))
    expect(chat.locator("image-tray [data-attachment]")).to_have_count(2, timeout=DECODING_MS)
    addresses = [link.get_attribute("href") for link in chat.locator("image-tray a[data-enlarge]").all()]
    for address in addresses:
        response = chat.goto(address or "")
        assert response is not None
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert chat.evaluate("document.contentType").startswith("image/")
