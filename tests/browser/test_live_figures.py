"""The figures at the head of an answer: an estimate in the colour of what is live while it comes, true ones at the end."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply

WORDS = ["word "] * 4000  # more than will be waited for
FIRST_TOKEN = re.compile(r"\d\.\d\d s")
ESTIMATE = re.compile(r"≈[1-9][\d,]*(\.\d)? tok/s")
TRUE = re.compile(r"(?<![≈\d])[1-9][\d,]* tok/s")


def colour(one: Locator) -> str:
    return str(one.evaluate("one => getComputedStyle(one).color"))


def test_tokens_per_second_show_while_an_answer_comes_and_true_ones_replace_them(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    fake.play(Reply.text(WORDS, tokens_per_second=120))
    chat.ask("Many words")
    rate = chat.answer.locator("[data-rate]")
    expect(rate).to_have_text(ESTIMATE)
    expect(chat.answer.locator("[data-first-token]")).to_have_text(FIRST_TOKEN)
    assert colour(rate) != colour(chat.answer.locator("[data-first-token]"))
    shown = rate.text_content() or ""
    expect(rate).not_to_have_text(shown)
    chat.stop.click()
    chat.settled()
    meta = chat.answer.locator(".message__meta")
    expect(meta).to_contain_text(TRUE)
    expect(chat.answer.locator("[data-rate]")).to_have_count(0)
