"""Titles of conversations are text wherever they stand."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages import long_conversation
from tests.browser.texts.hostile import LINES, OUT, opened, quiet
from tests.fake_openai import FakeOpenAI, Reply
from tests.payloads import BREAKOUTS

# Each title is an import of its own: a third of the lines, and all ways out of an attribute.
TITLES = {*LINES[::3], *(text for _name, text, _around in BREAKOUTS)}


def post(page: Page, path: str, body: dict[str, Any]) -> str:
    """A request of the page's own person; the address that it leads to."""
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    answer = page.request.post(
        path,
        data=json.dumps(body),
        headers={"X-CSRFToken": token, "Content-Type": "application/json", "HX-Request": "true"},
    )
    assert answer.status == 204, answer.text()
    return answer.headers["hx-redirect"]


def test_titles_are_text_wherever_they_stand(fake: FakeOpenAI, page: Page, context: BrowserContext):
    chat = opened(page)
    for title in sorted(TITLES):
        post(page, "/c/import/", long_conversation(1, title))
    opened(page)
    rows = page.locator("#conversations .nav__row")
    expect(rows.first).to_be_visible()
    assert set(rows.locator("a span").all_text_contents()) >= TITLES  # other tests' conversations may stand there, too
    quiet(page)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Search conversations").get_by_role("searchbox").press_sequentially("onerror")
    expect(page.locator("#search-results a").filter(has_text="<img src=data:, onerror=fired()>").first).to_be_visible()
    quiet(page)
    page.keyboard.press("Escape")

    # From the first message, before the eyes of the reader; then renamed while another tab looks.
    fake.play(Reply.text("Yes."))
    chat.ask(f"`{OUT}`")
    chat.settled()
    bar, row = page.get_by_role("heading", level=1), page.locator("#conversations [aria-current=page] span")
    expect(bar).to_contain_text("\"'><img src=data:, onerror=fired()>")
    expect(row).to_have_text(bar.text_content() or "")
    other = context.new_page()
    watched = opened(other, page.url)
    for title in ('" autofocus tabindex=0 onfocus="fired()', OUT):
        page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
        page.locator("#conversation-menu").get_by_role("button", name="Rename").click()
        box = page.get_by_role("dialog", name="Rename").get_by_role("textbox", name="Title")
        box.fill(title)
        box.press("Enter")
        expect(bar).to_have_text(title)
        expect(row).to_have_text(title)
        expect(other.locator("#conversations [aria-current=page] span")).to_have_text(title)
        for one in (page, other):
            quiet(one)
    other.close()
    del watched

    page.reload()
    chat.ready()
    expect(bar).to_have_text(OUT)
    assert page.title() == f"{OUT} · Playground"
    row.hover()
    # Other conversations may have this title, too: the button of this one.
    shown = rows.filter(has=page.locator("[aria-current=page]"))
    shown.get_by_role("button", name=f"More about {OUT}").click()
    quiet(page)
    page.locator("#row-menu").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value(OUT)
    page.keyboard.press("Escape")
    chat.menu(chat.answer, "Branch from here")
    expect(bar).to_have_text(f"Branch of {OUT}")
    quiet(page)
    page.locator(".stage__bar").get_by_role("button", name="More", exact=True).click()
    page.locator("#conversation-menu").get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("“Branch of \"'><img src=data:")
    quiet(page)
