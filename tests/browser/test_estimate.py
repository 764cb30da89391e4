"""The figure at the foot of the composer counts the conversation, and follows it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.fake_openai import Reply


def test_the_estimate_counts_the_conversation_and_grows_with_each_answer(own_site, page, fake):
    fake.play(Reply.text("word " * 200))
    page.goto(own_site.url)
    page.get_by_role("textbox", name="Message").fill("Say it")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article[aria-busy=true]")).to_have_count(0, timeout=30_000)
    # The question and the answer of two hundred words, nothing typed yet.
    expect(page.locator("#estimate")).to_have_text(re.compile(r"\b2[0-9]{2} tok"), timeout=30_000)
