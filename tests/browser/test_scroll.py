"""The log follows the bottom only if the reader is there, and keeps the place when older messages come in above."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Chat, import_file, long_conversation
from tests.fake_openai import FakeOpenAI, Reply

LINES = [f"Paragraph number {number} of the answer.\n\n" for number in range(1, 201)]
FROM_BOTTOM = "log => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop)"
NEAR_PX = 40


def wait_near_bottom(chat: Chat) -> None:
    chat.page.wait_for_function(
        "near => { const log = document.querySelector('[role=log]');"
        " return log.scrollHeight - log.clientHeight - log.scrollTop < near }",
        arg=NEAR_PX,
    )


def test_the_log_follows_an_answer_while_the_reader_is_at_the_bottom(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text(LINES, tokens_per_second=300).hold_after(60).hold_after(120))
    chat.ask("Follow me")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Paragraph number 60")
    wait_near_bottom(chat)
    reply.release()
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Paragraph number 120")
    wait_near_bottom(chat)
    expect(page.get_by_role("button", name="Latest")).to_be_hidden()
    reply.release()
    chat.settled()
    wait_near_bottom(chat)


def test_a_reader_who_scrolled_up_is_left_alone_and_offered_the_way_back(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text(LINES, tokens_per_second=300).hold_after(80))
    chat.ask("Do not follow me")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Paragraph number 80")
    wait_near_bottom(chat)
    chat.log.hover()
    page.mouse.wheel(0, -1200)
    latest = page.get_by_role("button", name="Latest")
    expect(latest).to_be_visible()
    page.wait_for_function("() => { const log = document.querySelector('[role=log]'); const now = log.scrollTop;"
                           " return new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
                           "() => done(log.scrollTop === now)))) }")  # fmt: skip
    before = chat.log.evaluate("log => log.scrollTop")
    reply.release()
    chat.settled()
    expect(chat.body).to_contain_text("Paragraph number 200")
    assert abs(chat.log.evaluate("log => log.scrollTop") - before) < NEAR_PX
    latest.click()
    wait_near_bottom(chat)
    expect(latest).to_be_hidden()
    fake.play(Reply.text("At the end again."))
    chat.ask("And follow again")
    chat.settled()
    wait_near_bottom(chat)


def test_the_log_follows_on_when_a_frame_makes_the_answer_shorter(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text(LINES, tokens_per_second=300).hold_after(60))
    chat.ask("Follow me down")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Paragraph number 60")
    wait_near_bottom(chat)
    # The log is scrolled up with its end, and hears of it only when more has come.
    chat.log.evaluate("""async (log) => {
      const frame = () => new Promise(requestAnimationFrame);
      const task = () => new Promise((done) => setTimeout(done));
      const block = document.createElement("div");
      block.style.height = "400px";
      log.querySelector(".message--live .message__blocks").append(block);
      await frame();
      await frame();
      await task();
      block.style.height = "50px";
      await frame();
      await task();
      block.style.height = "250px";
      await frame();
      await frame();
    }""")
    wait_near_bottom(chat)
    reply.release()
    chat.settled()
    expect(chat.body).to_contain_text("Paragraph number 200")
    wait_near_bottom(chat)


@pytest.fixture
def long(page: Page) -> Chat:
    chat = Chat(page).open()
    import_file(page, json.dumps(long_conversation(120, "A long one")))
    return chat


def test_older_messages_come_when_scrolling_up_and_the_place_is_kept(long: Chat):
    page = long.page
    expect(long.messages.last).to_contain_text("Message 120 begins.")
    wait_near_bottom(long)
    shown = long.messages.count()
    assert shown < 120  # only the latest part came with the page
    first = long.messages.first.get_attribute("data-message")
    long.log.evaluate("log => { log.scrollTop = 900 }")
    at = long.log.evaluate(
        "(log, uuid) => { window.top0 = document.querySelector(`[data-message='${uuid}']`).getBoundingClientRect().top;"
        " return window.top0 }",
        first,
    )
    long.log.hover()
    page.mouse.wheel(0, -500)
    page.wait_for_function("count => document.querySelectorAll('.message').length > count", arg=shown)
    moved = long.log.evaluate(
        "(log, uuid) => document.querySelector(`[data-message='${uuid}']`).getBoundingClientRect().top", first
    )
    # The wheel moved it by at most 500 px; a page that loses its place moves it by the height of forty messages.
    assert -NEAR_PX <= moved - at <= 500 + NEAR_PX
    for _batch in range(10):
        if not page.locator("[data-older]").count():
            break
        before = long.messages.count()
        long.log.evaluate("log => { log.scrollTop = 0 }")
        page.wait_for_function("count => document.querySelectorAll('.message').length > count", arg=before)
    expect(long.messages).to_have_count(120)
    expect(long.messages.first).to_contain_text("Message 1 begins.")
    texts = long.messages.evaluate_all("all => all.map(one => one.textContent.match(/Message (\\d+) begins/)?.[1])")
    assert texts == [str(number) for number in range(1, 121)]


def test_a_link_to_an_old_message_brings_it_into_view(long: Chat, page: Page):
    home = f"/c/{long.uuid}/"
    exported = page.request.get(f"{home}export.json").json()
    oldest = exported["messages"][4]
    for address in ("/settings/", home):  # from another page, and from the end of the same one
        long.page.goto(address)
        long.open(f"{home}#message-{oldest['id']}")
        expect(page.locator(f"#message-{oldest['id']}")).to_be_in_viewport()
    expect(page.locator(f"#message-{oldest['id']}")).to_contain_text("Message 5 begins.")
