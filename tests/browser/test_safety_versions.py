"""T34 in two tabs: whoever saves second is shown what the first wrote, and keeps what was typed."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply


def rename_box(page: Page) -> Locator:
    page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
    page.locator("#conversation-menu").get_by_role("button", name="Rename").click()
    return page.get_by_role("dialog", name="Rename").get_by_role("textbox", name="Title")


def test_two_tabs_rename_and_edit(fake: FakeOpenAI, page: Page, context: BrowserContext, console: Console):
    console.allow("422")
    chat = Chat(page).open()
    reply = fake.play(Reply.text("An answer, rather long.").hold_after(2))
    chat.ask("Name me")
    reply.wait_held(60)
    chat.ask("As it was")
    other = Chat(context.new_page()).open(page.url)
    tabs = (chat, other)

    boxes = [rename_box(tab.page) for tab in tabs]
    for number, box in enumerate(boxes):
        box.fill(f"Title {number}")
        box.press("Enter")
        if not number:
            expect(page.get_by_role("heading", level=1)).to_have_text("Title 0")
    dialog = other.page.get_by_role("dialog", name="Rename")
    expect(dialog.get_by_role("alert")).to_contain_text("renamed to “Title 0” meanwhile; yours is “Title 1”")
    expect(boxes[1]).to_have_value("Title 1")
    boxes[1].press("Enter")
    expect(dialog).to_be_hidden()
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Title 1")

    # A tab that goes on from its own change is nobody's rival.
    again = rename_box(other.page)
    expect(again).to_have_value("Title 1")
    again.fill("Title 2")
    again.press("Enter")
    for tab in tabs:
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Title 2")

    forms = [tab.questions.last for tab in tabs]
    for number, tab in enumerate(tabs):
        tab.tool(forms[number], "Edit")
        forms[number].get_by_role("textbox", name="Edit message").fill(f"Text {number}")
    forms[0].get_by_role("button", name="Send", exact=True).click()
    expect(chat.questions.last.locator(".message__body")).to_contain_text("Text 0")
    box = other.page.get_by_role("textbox", name="Edit message")
    expect(box).to_have_value("Text 1")  # the news of the first did not sweep it away
    forms[1].get_by_role("button", name="Send", exact=True).click()
    expect(forms[1].get_by_role("alert")).to_contain_text("changed in another tab")
    expect(forms[1].locator(".callout__text")).to_have_text("Text 0")
    expect(box).to_have_value("Text 1")
    forms[1].get_by_role("button", name="Send", exact=True).click()
    expect(other.questions.last.locator(".message__body")).to_contain_text("Text 1")
    fake.play(Reply.text("Well."))
    reply.release()
    for tab in tabs:
        expect(tab.body).to_contain_text("Well.")
        tab.settled()
    assert fake.last.prompt == "Text 1"
