"""However often Send is pressed, and in however many tabs: each message is there once, and is answered once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import TIMEOUT_MS, Console
from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import FINAL, Rows, wait_until
from tests.servers import Server

POSTS = "**/messages/"


@pytest.fixture
def chat(site: Server, page: Page) -> Chat:
    return Chat(page).open()


def asked_once(site: Server, fake: FakeOpenAI, *texts: str) -> None:
    """Each of `texts` is one message, one run and one request to the model server."""
    rows = Rows(site)
    wait_until(lambda: all(rows.runs().get(text, ("",))[0] in FINAL for text in texts), "every answer")
    for text in texts:
        assert rows.ask("SELECT count(*) FROM chat_message WHERE role = 'user' AND text = ?", text) == [(1,)]
    assert Counter(str(request.messages[-1]["content"]) for request in fake.completions) == Counter(texts)


@pytest.mark.parametrize("where", ["new chat", "conversation"])
def test_a_double_click_on_send_is_one_message(site: Server, fake: FakeOpenAI, chat: Chat, where: str):
    texts = [f"Double click, {where}"]
    if where == "conversation":
        texts.insert(0, "Before the double click")
        chat.ask(texts[0])
        chat.settled()
    chat.box.fill(texts[-1])
    chat.send.dblclick()
    expect(chat.questions).to_have_count(len(texts))
    expect(chat.box).to_have_value("")
    chat.settled()
    asked_once(site, fake, *texts)
    chat.page.reload()
    expect(chat.questions).to_have_count(len(texts))


def test_enter_and_click_and_enter_again_are_one_message(site: Server, fake: FakeOpenAI, chat: Chat):
    chat.box.fill("Three ways to send")
    # In one task, so that none of them can see what the one before has changed in the page.
    chat.page.evaluate(
        """() => {
            const enter = () => new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
            const text = document.querySelector('#composer-text');
            text.dispatchEvent(enter());
            document.querySelector('#composer [data-send]').click();
            text.dispatchEvent(enter());
        }"""
    )
    expect(chat.questions).to_have_count(1)
    chat.settled()
    asked_once(site, fake, "Three ways to send")


def test_a_message_whose_answer_was_lost_on_the_way_is_sent_again_once(
    site: Server, fake: FakeOpenAI, chat: Chat, console: Console
):
    """The server has it, the page does not know, and the person presses Send again."""
    console.allow("ERR_CONNECTION_RESET|Failed to fetch|htmx:error")
    lost: list[Route] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route)
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    chat.page.route(POSTS, lose)
    chat.box.fill("Lost on the way back")
    chat.send.click()
    wait_until(lambda: "Lost on the way back" in Rows(site).runs(), "the server to have it")
    expect(chat.page.locator("#notices")).not_to_be_empty()
    expect(chat.box).to_have_value("Lost on the way back")
    chat.send.click()
    expect(chat.questions).to_have_count(1)
    expect(chat.box).to_have_value("")
    chat.settled()
    asked_once(site, fake, "Lost on the way back")


@pytest.fixture
def plain_page(site: Server, browser: Browser) -> Iterator[Page]:
    """Of a browser without scripts."""
    with browser.new_context(base_url=site.url, java_script_enabled=False) as context:
        context.set_default_timeout(TIMEOUT_MS)
        yield context.new_page()


def test_without_scripts_the_same_form_submitted_twice_is_one_message(site: Server, fake: FakeOpenAI, plain_page: Page):
    plain_page.goto("/")
    plain_page.get_by_role("textbox", name="Message").fill("Plain and twice")
    plain_page.get_by_role("button", name="Send", exact=True).dblclick()
    plain_page.wait_for_url("**/c/**")
    asked_once(site, fake, "Plain and twice")


@pytest.mark.parametrize("writing", [False, True], ids=["quiet", "while an answer is written"])
def test_two_tabs_that_send_at_once_have_one_message_each(
    site: Server, fake: FakeOpenAI, chat: Chat, console: Console, writing: bool
):
    console.allow("/draft/")  # 422: each tab has typed what the other one never saw
    begin, texts = f"Begin, {writing}", [f"From the first tab, {writing}", f"From the second tab, {writing}"]
    reply = fake.play(Reply.text(["One ", "two."]).hold_after(1))
    chat.ask(begin)
    reply.wait_held(30)
    second = Chat(chat.page.context.new_page()).open(chat.page.url)
    if not writing:
        reply.release()
        chat.settled()
        second.settled()
    for tab, text in zip((chat, second), texts, strict=True):
        tab.box.fill(text)
    # Both requests are on their way before either is answered.
    held: list[Route] = []
    for tab in (chat, second):
        tab.page.route(POSTS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
        with tab.page.expect_request(POSTS):
            tab.send.click()
    for route in held:
        route.continue_()
    for tab in (chat, second):
        expect(tab.box).to_have_value("")
    reply.release_all()
    for tab in (chat, second):
        tab.page.bring_to_front()
        for text in texts:
            expect(tab.questions.filter(has_text=text)).to_have_count(1)
        expect(tab.questions).to_have_count(3)
        expect(tab.answers).to_have_count(3)
        tab.settled()
        expect(tab.log.get_by_text("Goes out when")).to_have_count(0)
        in_order = [tab.messages.nth(number).get_attribute("data-message") for number in range(6)]
        tab.page.reload()
        tab.ready()
        assert in_order == [tab.messages.nth(number).get_attribute("data-message") for number in range(6)]
    asked_once(site, fake, begin, *texts)
