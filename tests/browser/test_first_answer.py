"""From the first visit to the first answer."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import Chat
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

ANSWER = """\
## Tides

| Port | Range |
|:-----|------:|
| Brest | 5.9 m |

```python
height = low + 2
```

Height is $h_0 + \\frac{R}{2}$ today.

- [x] look up
- [ ] weather
"""


def test_a_first_visit_ends_in_an_answer_of_the_model(own_site: Server, fake: FakeOpenAI, page: Page):
    chat = Chat(page)
    chat.open(own_site.url)
    expect(page.get_by_role("heading", name="GPT-4.1", exact=True)).to_be_visible()
    expect(chat.box).to_be_focused()
    reply = fake.play(Reply.text(ANSWER).hold_after(12))
    chat.box.press_sequentially("When is high water in Brest?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(re.compile("When is high water in Brest"))
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))
    reply.wait_held(30)
    expect(chat.answer).to_have_attribute("aria-busy", "true")
    expect(chat.answer.get_by_role("heading", name="Tides")).to_be_visible()
    expect(chat.stop).to_be_visible()
    expect(chat.box).to_be_focused()
    reply.release()
    chat.settled()
    expect(chat.answer.get_by_role("cell", name="5.9 m")).to_be_visible()
    expect(chat.answer.locator("math")).to_be_visible()
    expect(chat.answer.get_by_role("checkbox")).to_have_count(2)
    expect(chat.answer.get_by_role("checkbox").first).to_be_checked()
    entry = chat.conversations.get_by_role("link", name=re.compile("When is high water"))
    expect(entry).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("When is high water"))
    expect(page).to_have_title(re.compile("When is high water"))


def test_an_answer_says_what_it_took(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    fake.play(Reply.text(ANSWER, tokens_per_second=400))
    chat.ask("How long does it take?")
    chat.settled()
    figures = chat.answer.locator(".message__meta")
    expect(figures).to_contain_text(re.compile(r"\d\.\d\d s"))
    expect(figures).to_contain_text(re.compile(r"\d+ tok/s|\d+ t/s"))
    expect(figures).to_contain_text(re.compile(r"\d+ in"))
    expect(figures).to_contain_text(re.compile(r"\d+ out"))
    expect(figures).to_contain_text("$")


def test_code_is_copied_as_it_was_written(fake: FakeOpenAI, page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = Chat(page).open()
    fake.play(Reply.text(ANSWER))
    chat.ask("Show code")
    chat.settled()
    box = chat.answer.locator("code-box")
    expect(box).to_contain_text(re.compile("python", re.IGNORECASE))
    box.get_by_role("button", name=re.compile("copy", re.IGNORECASE)).click()
    expect(box.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "height = low + 2\n"
    chat.tool(chat.answer, "Copy")
    expect(chat.answer.locator(".message__tools").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == ANSWER


def test_a_reload_shows_the_same_answer(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    fake.play(Reply.text(ANSWER))
    chat.ask("Once more")
    chat.settled()
    before = chat.body.inner_html()
    page.reload()
    chat.ready()
    expect(chat.body).to_contain_text("weather")
    assert chat.body.inner_html() == before
