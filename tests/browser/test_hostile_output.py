"""A model may say anything. What it says is shown: it runs nothing and asks nobody, live and after a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply
from tests.payloads import JOINTS, LEAKS, SCRIPTS

CHOSEN = {
    "script tag",
    "img onerror",
    "svg onload",
    "iframe srcdoc",
    "htmx vals",
    "template shadow",
    "link javascript",
    "in table",
    "fence end tag",
    "maths text",
    "image",
    "style import",
}
PAYLOADS = [(name, text) for name, text in [*SCRIPTS, *JOINTS, *LEAKS] if name in CHOSEN]
# Everything in the answer that can be clicked is; links that would only leave the page stay.
CLICK = """() => {
  addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
  for (const each of document.querySelectorAll(".message__body :is(a, b, x, summary, span)")) each.click();
}"""


def fired(page: Page) -> int:
    count: int = page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(window.count), 30)))"
    )
    return count


def test_the_chosen_payloads_exist():
    assert {name for name, _text in PAYLOADS} == CHOSEN


@pytest.mark.parametrize(("name", "text"), PAYLOADS, ids=[name for name, _text in PAYLOADS])
def test_hostile_output_runs_nothing_and_asks_nobody(fake: FakeOpenAI, page: Page, name: str, text: str):
    # The console fixture fails the test for any foreign request and any breach of the policy.
    page.add_init_script("window.count = 0; window.fired = () => { window.count += 1 }")
    chat = Chat(page).open()
    pieces = [f"Before.\n\n{text[:7]}", *(text[at : at + 3] for at in range(7, len(text), 3)), "\n\nAfter."]
    reply = fake.play(Reply.text(pieces).hold_after(len(pieces) - 1))
    chat.ask(f"Attack with {name}")
    reply.wait_held(30)
    expect(chat.body).to_contain_text("Before.")
    assert fired(page) == 0
    reply.release()
    chat.settled()
    expect(chat.body).to_contain_text("After.")
    page.evaluate(CLICK)
    assert fired(page) == 0
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text("After.")
    page.evaluate(CLICK)
    assert fired(page) == 0
