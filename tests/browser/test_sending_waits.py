"""Send pressed while images are still on their way: it waits for them, says so, and sends all or nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.pages import Chat
from tests.browser.test_images import DECODING_MS, give
from tests.browser.test_small_and_keyboard import PHONE, assert_no_sideways
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

UPLOADS = re.compile(r"/images/$")
MESSAGES = re.compile(r"/messages/$")


class Line:
    """The line between page and server: what is asked at `address` stays in it until it is let through."""

    def __init__(self, page: Page, address: re.Pattern[str]) -> None:
        self.held: list[Route] = []
        self.is_open = False
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def let_through(self) -> None:
        for route in self.held:
            route.continue_()
        self.held.clear()


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page, UPLOADS)


@pytest.fixture
def chat(own_site: Server, page: Page, fake: FakeOpenAI) -> Chat:
    """A conversation of one answer."""
    chat = Chat(page).open(own_site.url)
    fake.play(Reply.text("Hello."))
    chat.ask("Hello")
    chat.settled()
    return chat


def on_their_way(chat: Chat) -> Locator:
    return chat.page.locator("image-tray .shot--uploading")


def attached(chat: Chat) -> Locator:
    return chat.page.locator("image-tray [data-attachment]")


def waiting(chat: Chat) -> Locator:
    return chat.page.locator("#composer").get_by_role("button", name="Waiting for images")


def start_two(chat: Chat) -> None:
    give(chat.page, "drop", "one.png")
    give(chat.page, "drop", "two.png")
    expect(on_their_way(chat)).to_have_count(2)


@pytest.mark.parametrize("how", ["button", "enter"])
def test_send_waits_for_running_uploads_and_sends_them_all(chat: Chat, line: Line, fake: FakeOpenAI, how: str):
    start_two(chat)
    chat.box.fill("What are these?")
    if how == "button":
        chat.send.click()
    else:
        chat.box.press("Enter")
    expect(waiting(chat)).to_be_visible()
    expect(chat.box).to_have_value("What are these?")
    expect(chat.page.locator("image-tray [data-status]")).to_contain_text("sent when the images have arrived")
    chat.box.press("Enter")  # once more changes nothing
    expect(on_their_way(chat)).to_have_count(2)
    assert len(fake.completions) == 1
    fake.play(Reply.text("Two blue fields."))
    line.let_through()
    expect(chat.body).to_contain_text("Two blue fields.", timeout=DECODING_MS)
    chat.settled()
    expect(chat.send).to_be_visible()
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_have_count(2)
    expect(chat.questions.last.get_by_role("img")).to_have_count(2)
    assert len(fake.completions) == 2
    assert len(fake.last.images) == 2


def test_an_upload_that_fails_is_named_and_nothing_is_sent(chat: Chat, line: Line, fake: FakeOpenAI, console: Console):
    console.allow("ERR_CONNECTION_RESET")
    start_two(chat)
    chat.box.fill("Both or none")
    chat.send.click()
    expect(waiting(chat)).to_be_visible()
    line.held.pop(0).abort("connectionreset")
    line.let_through()
    expect(attached(chat)).to_have_count(1, timeout=DECODING_MS)
    expect(chat.page.locator("#notices")).to_contain_text("one.png")
    expect(chat.page.locator("image-tray [data-failed]")).to_contain_text("one.png was not uploaded")
    expect(chat.send).to_be_visible()
    expect(chat.box).to_have_value("Both or none")
    assert len(fake.completions) == 1
    # What is there goes out when Send is pressed again.
    fake.play(Reply.text("One blue field."))
    chat.send.click()
    expect(chat.body).to_contain_text("One blue field.")
    assert len(fake.last.images) == 1


def test_escape_ends_the_waiting_and_keeps_everything(chat: Chat, line: Line, fake: FakeOpenAI):
    start_two(chat)
    chat.box.fill("Not yet")
    chat.box.press("Enter")
    expect(waiting(chat)).to_be_visible()
    expect(chat.stop).to_be_visible()
    chat.box.press("Escape")
    expect(chat.send).to_be_visible()
    expect(chat.stop).to_be_hidden()
    line.let_through()
    expect(attached(chat)).to_have_count(2, timeout=DECODING_MS)
    expect(chat.box).to_have_value("Not yet")
    assert len(fake.completions) == 1


def test_a_cancelled_upload_does_not_hold_the_message_back(chat: Chat, line: Line, fake: FakeOpenAI):
    start_two(chat)
    chat.box.fill("Without the second")
    chat.send.click()
    expect(waiting(chat)).to_be_visible()
    on_their_way(chat).last.get_by_role("button", name="Cancel").click()
    fake.play(Reply.text("One."))
    line.let_through()
    expect(chat.body).to_contain_text("One.", timeout=DECODING_MS)
    assert len(fake.last.images) == 1


def test_an_upload_begun_while_a_message_is_on_its_way_keeps_its_card(
    chat: Chat, line: Line, fake: FakeOpenAI, page: Page
):
    messages = Line(page, MESSAGES)
    fake.play(Reply.text("Without images."))
    chat.box.fill("The first")
    with page.expect_request(MESSAGES):
        chat.send.click()
    give(page, "drop", "late.png")
    expect(on_their_way(chat)).to_have_count(1)
    messages.let_through()
    expect(chat.questions).to_have_count(2)
    expect(on_their_way(chat)).to_have_count(1)
    line.let_through()
    expect(attached(chat)).to_have_count(1, timeout=DECODING_MS)
    chat.settled()
    assert fake.last.images == []


def test_what_is_dropped_and_typed_right_after_the_first_send_comes_along(
    own_site: Server, page: Page, fake: FakeOpenAI
):
    chat = Chat(page).open(own_site.url)
    messages, conversation = Line(page, MESSAGES), Line(page, re.compile(r"/c/[0-9a-f-]{36}/$"))
    fake.play(Reply.text("Without images."))
    chat.box.fill("The first")
    with page.expect_request(MESSAGES):
        chat.box.press("Enter")
    give(page, "drop", "early.png")
    chat.box.press_sequentially(" And")
    with page.expect_request(re.compile(r"/c/[0-9a-f-]{36}/$")):
        messages.let_through()
    give(page, "drop", "late.png")
    chat.box.press_sequentially(" more")
    chat.box.press("Enter")  # not yet: the conversation that it belongs to is not there
    messages.is_open = conversation.is_open = True
    conversation.let_through()
    page.wait_for_url("**/c/**")
    expect(chat.box).to_have_value("And more")
    expect(chat.box).to_be_focused()
    expect(attached(chat)).to_have_count(2, timeout=DECODING_MS)
    expect(chat.body).to_contain_text("Without images.")
    chat.settled()
    expect(chat.conversations.get_by_role("link", name="The first")).to_have_attribute("aria-current", "page")
    expect(page).to_have_title(re.compile("^The first"))
    assert fake.last.images == []
    with page.expect_response("**/draft/"):
        chat.box.press("End")
        chat.box.press_sequentially("!")
    page.reload()
    chat.ready()
    expect(chat.box).to_have_value("And more!")
    expect(attached(chat)).to_have_count(2)
    page.go_back()
    chat.ready()
    expect(chat.box).to_have_value("")
    expect(attached(chat)).to_have_count(0)


def test_on_a_phone_the_waiting_fits_and_what_failed_is_in_sight(chat: Chat, line: Line, page: Page, console: Console):
    console.allow("ERR_CONNECTION_RESET")
    page.set_viewport_size(PHONE)
    line.is_open = True
    for number in range(3):
        give(page, "drop", f"{number}.png")
    expect(attached(chat)).to_have_count(3, timeout=DECODING_MS)
    line.is_open = False
    give(page, "drop", "bad.png")
    expect(on_their_way(chat)).to_be_in_viewport()
    chat.box.fill("Look")
    chat.send.click()
    expect(waiting(chat)).to_be_in_viewport(ratio=1)
    assert_no_sideways(page)
    line.held.pop().abort("connectionreset")
    expect(page.locator("image-tray [data-failed]")).to_be_in_viewport()
