"""Nothing that happens to the page changes the answer: stop, reload, a second tab, a lost network, a killed server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.conftest import Console
from tests.browser.pages import PATIENCE_MS, Chat
from tests.fake_openai import FakeOpenAI, Reply
from tests.safety.product import Rows
from tests.servers import Server

WORDS = [f"word{number} " for number in range(1, 301)]
TEXT = "".join(WORDS).strip()
HELD = 100  # pieces that are out while a test does its worst
NETWORK_LOST = r"WebSocket|htmx:ws:error|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to (fetch|load)|503"


def held(fake: FakeOpenAI, chat: Chat, question: str) -> Reply:
    """An answer that stands at its hundredth word, in the page too."""
    reply = fake.play(Reply.text(WORDS, tokens_per_second=2000).hold_after(HELD))
    chat.ask(question)
    reply.wait_held(30)
    expect(chat.body).to_contain_text(f"word{HELD}")
    return reply


def whole(chat: Chat) -> None:
    """The answer is over, and is exactly what the model server said."""
    chat.settled()
    expect(chat.body).to_have_text(TEXT, use_inner_text=True)


def kept_part(chat: Chat) -> int:
    """How many words stand there; they must be the first ones, without a gap."""
    words = chat.body.inner_text().split()
    assert words == [word.strip() for word in WORDS[: len(words)]]
    return len(words)


def test_the_stop_button_keeps_text_that_arrived(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    held(fake, chat, "Stop me by the button")
    chat.stop.click()
    chat.settled()
    expect(chat.answer.locator(".message__meta")).to_contain_text(re.compile("stopped", re.IGNORECASE))
    assert kept_part(chat) == HELD
    fake.wait_for_disconnects(1, 30)
    page.reload()
    assert kept_part(chat.open(page.url)) == HELD
    expect(chat.answer.get_by_role("button", name="Continue")).to_be_visible()


def test_escape_stops_from_the_message_box(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    held(fake, chat, "Stop me by Escape")
    expect(chat.box).to_be_focused()
    page.keyboard.press("Escape")
    chat.settled()
    assert kept_part(chat) == HELD
    expect(chat.box).to_be_focused()


def test_a_reload_in_the_middle_goes_on_and_ends_with_the_same_text(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = held(fake, chat, "Reload me")
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text(f"word{HELD}")
    assert kept_part(chat) == HELD
    reply.release()
    whole(chat)
    assert len(fake.completions) == 1


def test_a_second_tab_opened_in_the_middle_shows_the_same(fake: FakeOpenAI, page: Page, context: BrowserContext):
    chat = Chat(page).open()
    reply = held(fake, chat, "Two tabs")
    second = Chat(context.new_page()).open(page.url)
    expect(second.body).to_contain_text(f"word{HELD}")
    reply.release()
    whole(second)
    page.bring_to_front()
    whole(chat)
    # What is sent in one stands in the other without a reload.
    fake.play(Reply.text("Both of you."))
    second.ask("Do both tabs hear me?")
    expect(chat.questions.last).to_contain_text("Do both tabs hear me?")
    expect(chat.body).to_contain_text("Both of you.")


def test_a_closed_tab_does_not_end_the_answer(fake: FakeOpenAI, page: Page, context: BrowserContext):
    chat = Chat(page).open()
    reply = held(fake, chat, "Close me")
    url = page.url
    page.close()
    reply.release()
    again = Chat(context.new_page()).open(url)
    whole(again)
    assert len(fake.completions) == 1
    assert fake.disconnects == []


def wait_for_checkpoint(site: Server) -> None:
    """Return when the database holds all of the text that is out."""
    deadline = time.monotonic() + 30
    rows = Rows(site)
    while not rows.ask("SELECT 1 FROM runs_runpiece WHERE text LIKE ?", f"%word{HELD}%"):
        if time.monotonic() > deadline:
            raise TimeoutError("no checkpoint within 30 s")
        time.sleep(0.05)  # between two looks at the rows; there is nothing to wait on


def lose_and_find_again(chat: Chat, context: BrowserContext, lost: Callable[[], None]) -> None:
    context.set_offline(True)
    # Chromium leaves open sockets alone when it goes offline: close it as a dead line would.
    chat.page.evaluate("htmx.ext.ws.getRegistry().get('/ws/').socket.close()")
    expect(chat.page.get_by_text("Reconnecting")).to_be_visible()
    lost()
    context.set_offline(False)
    expect(chat.page.get_by_text("Reconnecting")).to_be_hidden()


def test_a_lost_network_loses_and_repeats_nothing(
    fake: FakeOpenAI, page: Page, context: BrowserContext, console: Console
):
    console.allow(NETWORK_LOST)
    chat = Chat(page).open()
    reply = held(fake, chat, "Lose the network")
    lose_and_find_again(chat, context, lambda: None)
    assert kept_part(chat) == HELD
    reply.release()
    whole(chat)


def test_an_answer_that_ends_while_the_network_is_away_is_whole_afterwards(
    fake: FakeOpenAI, page: Page, context: BrowserContext, console: Console
):
    console.allow(NETWORK_LOST)
    chat = Chat(page).open()
    reply = held(fake, chat, "End while I am away")

    def lost() -> None:
        reply.release()
        other = context.browser.new_context()
        try:
            whole(Chat(other.new_page()).open(page.url))
        finally:
            other.close()

    lose_and_find_again(chat, context, lost)
    whole(chat)


@pytest.mark.parametrize("code", [1012, 1013])
def test_a_page_that_was_asked_to_come_again_does_and_loses_nothing(fake: FakeOpenAI, page: Page, code: int):
    """The line is played here: the server would close with 1013 only after half a minute of silence."""
    lines: list[WebSocketRoute] = []

    def connect(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    page.route_web_socket("**/ws/", connect)
    chat = Chat(page).open()
    reply = held(fake, chat, f"Close me with {code}")
    before = len(lines)
    with page.expect_websocket():
        lines[-1].close(code=code)
    reply.release()
    whole(chat)
    assert len(lines) == before + 1


def test_a_killed_server_keeps_the_text_of_the_last_checkpoint(
    own_site: Server, fake: FakeOpenAI, page: Page, console: Console
):
    console.allow(NETWORK_LOST)
    chat = Chat(page).open(own_site.url)
    reply = fake.play(Reply.text(WORDS, tokens_per_second=2000).hold_after(HELD))
    chat.ask("Survive a kill")
    reply.wait_held(30)
    expect(chat.body).to_contain_text(f"word{HELD}")
    wait_for_checkpoint(own_site)
    own_site.kill()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    own_site.start()
    expect(chat.answer.locator(".message__meta")).to_contain_text(
        re.compile("interrupted", re.IGNORECASE), timeout=3 * PATIENCE_MS
    )
    assert kept_part(chat) == HELD
    chat.page.reload()
    chat.ready()
    assert kept_part(chat) == HELD
    fake.play(Reply.text(["word101 ", "word102"]))
    chat.answer.get_by_role("button", name="Continue").first.click()
    expect(chat.body).to_contain_text("word102")
    chat.settled()
    assert kept_part(chat) == HELD + 2
    assert fake.last.messages[-1]["role"] in {"assistant", "user"}
