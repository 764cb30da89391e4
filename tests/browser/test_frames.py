"""What a frame of a live answer does to the page: little, and as little at the end of a long answer as at its beginning."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply

HEARD_BY_HTMX = """window.heard = [];
document.addEventListener("htmx:before:ws:message", ({ detail }) => window.heard.push(detail.message.json), true);"""
AS_HIGH_AS_ITS_CONTENT = """() => {
  const box = document.querySelector(".message__open");
  const { height } = box.firstElementChild.getBoundingClientRect();
  return height > 0 && box.getBoundingClientRect().height === height;
}"""
PARAGRAPHS = [piece for number in range(40) for piece in (f"Number {number} ", "is written ", "word by word.\n\n")]
WORDS = [f"word{number} " for number in range(400)]


def test_frames_without_html_pass_htmx_by_also_after_a_reconnect(fake: FakeOpenAI, page: Page):
    page.add_init_script(HEARD_BY_HTMX)
    chat = Chat(page).open()
    reply = fake.play(Reply.text(PARAGRAPHS, tokens_per_second=100).hold_after(60))
    chat.ask("Paragraphs")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Number 19 is written word by word.")
    assert page.evaluate("heard.filter((frame) => frame.run && frame.content === undefined).length") == 0
    page.evaluate("htmx.ext.ws.getRegistry().get('/ws/').socket.close()")
    reply.release()
    chat.settled()
    for number in range(40):
        expect(chat.body.get_by_text(f"Number {number} is written word by word.", exact=True)).to_have_count(1)
    assert page.evaluate("heard.filter((frame) => frame.content === undefined).length") == 0
    assert page.evaluate("heard.filter((frame) => frame.content !== undefined).length") > 0


def test_the_open_block_has_the_height_of_its_text_whatever_changes(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    reply = fake.play(Reply.text(WORDS, tokens_per_second=400).hold_after(200))
    chat.ask("One long paragraph")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("word199")
    page.wait_for_function(AS_HIGH_AS_ITS_CONTENT)
    before = page.locator(".message__open").bounding_box()
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_function("low => document.querySelector('.message__open').offsetHeight > low", arg=before["height"])
    page.wait_for_function(AS_HIGH_AS_ITS_CONTENT)
    reply.release()
    chat.settled()
    expect(chat.body).to_contain_text("word399")
