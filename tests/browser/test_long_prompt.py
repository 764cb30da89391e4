"""4 MB are pasted: the page can be used while they are counted, the figure comes, and they are sent to the last letter."""

from __future__ import annotations

import hashlib
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import PATIENCE_MS, Chat
from tests.browser.test_sending_waits import Line
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import Rows
from tests.servers import Server

TEXT_LINE = "Line {}: the water rises slowly with the moon, and nobody is there.\n"
LINES = 60_000
MEGABYTES_4 = 4 * 1024 * 1024


def fingerprint(text: str) -> str:
    return f"{len(text)} {hashlib.sha256(text.encode()).hexdigest()}"


@pytest.fixture(scope="module")
def prompt() -> str:
    text = "".join(TEXT_LINE.format(number) for number in range(LINES)) + "The end."
    assert len(text) > MEGABYTES_4
    return text


def test_the_page_stays_usable_while_4_mb_are_pasted_and_counted(
    site: Server, fake: FakeOpenAI, page: Page, prompt: str
):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = Chat(page).open()
    expect(page.locator("#estimate")).to_contain_text("tok")  # of the empty box: the next count waits for it
    counting = Line(page, re.compile(r"/estimate/$"))
    page.evaluate("text => navigator.clipboard.writeText(text)", prompt)
    chat.box.focus()
    with page.expect_request("**/estimate/", timeout=PATIENCE_MS), page.expect_response("**/draft/") as kept:
        page.keyboard.press("Control+V")
    assert kept.value.status == 204
    # The count is on its way for as long as this test likes: the page does not wait for it.
    page.keyboard.type(" Really.")
    page.get_by_role("button", name="Attach images").hover()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").first).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('#composer-text').value.length") == len(prompt) + len(" Really.")
    counting.is_open = True
    counting.let_through()
    expect(page.locator("#estimate")).to_have_text(re.compile(r"\b[89]\d\d,\d{3} tok|\b1,\d{3},\d{3} tok"))
    fake.play(Reply.text("I have read it."))
    chat.box.focus()
    page.keyboard.press("Enter")
    expect(chat.body).to_contain_text("I have read it.")
    expect(chat.box).to_have_value("")
    chat.settled()
    expect(chat.questions).to_have_count(1)
    expect(chat.questions).to_contain_text("Line 0: the water rises")
    assert fingerprint(fake.last.messages[-1]["content"]) == fingerprint(prompt + " Really.")
    assert Rows(site).ask("SELECT count(*) FROM chat_message WHERE length(text) > ?", MEGABYTES_4) == [(1,)]
