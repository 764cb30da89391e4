"""Send while the database is locked: the page says that the server is busy and keeps the text; sent again, it is there once."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.pages import PATIENCE_MS, Chat
from tests.fake_openai import FakeOpenAI
from tests.faults.locks import locked
from tests.safety.product import Rows
from tests.servers import Server

TEXT = "Written while the database was locked"


def test_what_is_sent_while_the_database_is_locked_stays_in_the_box_and_is_sent_once(
    site: Server, fake: FakeOpenAI, page: Page, console: Console
):
    console.allow("503")
    chat = Chat(page).open()
    with locked(site):
        chat.box.fill(TEXT)
        with page.expect_response("**/c/messages/", timeout=3 * PATIENCE_MS) as refused:
            chat.send.click()
        assert refused.value.status == 503
        assert int(refused.value.headers["retry-after"]) > 0
        expect(page.locator("#notices")).to_contain_text("Busy right now")
        expect(chat.box).to_have_value(TEXT)
        expect(chat.questions).to_have_count(0)
    # It outlives the page, too.
    page.reload()
    chat.ready()
    expect(chat.box).to_have_value(TEXT)
    chat.send.click()
    expect(chat.questions).to_have_count(1)
    expect(chat.box).to_have_value("")
    chat.settled()
    assert Rows(site).ask("SELECT count(*) FROM chat_message WHERE text = ?", TEXT) == [(1,)]
    assert len(fake.completions) == 1
