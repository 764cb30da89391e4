"""A phone's width, and a person without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Chat, Inspector
from tests.fake_openai import FakeOpenAI, Reply

PHONE = {"width": 390, "height": 844}
WIDE_ANSWER = """\
| one | two | three | four | five | six | seven | eight |
|-----|-----|-------|------|------|-----|-------|-------|
| a-rather-long-word | a-rather-long-word | a-rather-long-word | a-rather-long-word | x | x | x | x |

```python
value = "a line of code that is much longer than the screen of a phone is wide, and must not move the page sideways"
```

Anaveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongword.

$$ a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w + x + y + z + a + b + c $$
"""


def assert_no_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


@pytest.fixture
def phone(page: Page) -> Chat:
    page.set_viewport_size(PHONE)
    return Chat(page).open()


def test_a_phone_sends_and_reads_without_scrolling_sideways(fake: FakeOpenAI, phone: Chat):
    assert_no_sideways(phone.page)
    fake.play(Reply.text(WIDE_ANSWER))
    phone.box.fill("Wide things, please")
    phone.send.click()
    phone.page.wait_for_url("**/c/**")
    phone.settled()
    expect(phone.answer.get_by_role("cell").first).to_be_visible()
    assert_no_sideways(phone.page)
    for path in ("/models/", "/settings/", "/models/openai/gpt-4.1/"):
        phone.page.goto(path)
        assert_no_sideways(phone.page)


def test_the_drawers_open_and_close_on_a_phone(fake: FakeOpenAI, phone: Chat):
    page = phone.page
    sidebar = page.get_by_role("navigation", name="Conversations")
    expect(sidebar).to_be_hidden()
    page.get_by_role("button", name="Conversations").click()
    expect(sidebar).to_be_visible()
    assert_no_sideways(page)
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(page.get_by_role("button", name="Conversations")).to_be_focused()
    page.get_by_role("button", name="Parameters").click()
    inspector = Inspector(page)
    expect(inspector.value("Temperature")).to_be_visible()
    inspector.value("Temperature").fill("0.6")
    assert_no_sideways(page)
    page.get_by_role("complementary", name="Settings").get_by_role("button", name="Close").click()
    expect(inspector.value("Temperature")).to_be_hidden()
    fake.play(Reply.text("From a drawer."))
    phone.box.fill("Use the drawer's setting")
    phone.send.click()
    page.wait_for_url("**/c/**")
    expect(phone.body).to_contain_text("From a drawer.")
    phone.settled()
    assert fake.last.json["temperature"] == 0.6


# What has the focus outside of the open drawer. Past its end that is the browser's own bar, and the body for us.
OUTSIDE = """() => {
  const one = document.activeElement;
  return one === document.body || one.closest(".sidebar:popover-open, .inspector:popover-open") ? "" : one.outerHTML.slice(0, 200);
}"""


@pytest.mark.parametrize("name", ["Conversations", "Parameters"])
def test_the_keyboard_stays_in_an_open_drawer_and_comes_back(phone: Chat, name: str):
    page = phone.page
    button = page.get_by_role("button", name=name, exact=True)
    button.press("Enter")
    drawer = page.locator(":popover-open")
    expect(drawer).to_have_count(1)
    for _press in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTSIDE) == ""
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(button).to_be_focused()
    # Also when the focus has left the drawer for the browser's own bar.
    button.press("Enter")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(button).to_be_focused()
    expect(page.locator("[inert]")).to_have_count(0)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


# --- without a mouse ---


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, target: Locator, *, back: bool = False, most: int = 80) -> None:
    """Press Tab until `target` has the focus; every stop on the way must be visible and show its focus."""
    for _press in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        expect(focused(page)).to_be_visible()
        assert shows_focus(page), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never came to {target}")


def shows_focus(page: Page) -> bool:
    """Whether the focused element, or one that holds it closely, has an outline or a ring."""
    shown: bool = page.evaluate(
        """() => {
          const rings = (one) => {
            const style = getComputedStyle(one);
            return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
          };
          const one = document.activeElement;
          return rings(one) || (one.parentElement && rings(one.parentElement))
            || (one.closest(".composer__box") !== null && rings(one.closest(".composer__box")));
        }"""
    )
    return shown


def test_from_the_page_to_an_answer_to_stop_to_the_settings_by_keyboard(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    expect(chat.box).to_be_focused()
    reply = fake.play(Reply.text("Typed and answered without a mouse.").hold_after(3))
    page.keyboard.type("No mouse here")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    chat.ready()
    reply.wait_held(30)
    expect(chat.box).to_be_focused()
    tab_to(page, chat.stop)
    page.keyboard.press("Enter")
    chat.settled()
    # The button is gone; the focus must not fall to the top of the page.
    expect(chat.box).to_be_focused()
    slider = Inspector(page).slider("Temperature")
    tab_to(page, slider)
    page.keyboard.press("ArrowLeft")
    expect(Inspector(page).value("Temperature")).to_have_value("0.99")
    page.keyboard.press("Control+Enter")  # sends from anywhere; there is nothing to send
    assert len(fake.completions) == 1
    tab_to(page, chat.conversations.get_by_role("link", name="Settings"), back=True)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/"))


def test_the_focus_stays_where_the_work_is(fake: FakeOpenAI, page: Page):
    chat = Chat(page).open()
    fake.play(Reply.text("One."))
    chat.ask("Say one")
    chat.settled()
    fake.play(Reply.text("Two."))
    chat.answer.get_by_role("button", name="Retry").press("Enter")
    expect(chat.body).to_contain_text("Two.")
    chat.settled()
    expect_focus_within(page, chat)
    chat.answer.get_by_role("button", name="Previous").press("Enter")
    expect(chat.body).to_contain_text("One.")
    expect_focus_within(page, chat)
    chat.questions.first.get_by_role("button", name="Edit").press("Enter")
    expect(page.get_by_role("textbox", name="Edit message")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Edit message")).to_have_count(0)
    expect_focus_within(page, chat)
    more = chat.answer.get_by_role("button", name="More")
    more.press("Enter")
    menu = chat.answer.locator(".menu:popover-open")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()
    chat.answer.get_by_role("button", name="Receipt").press("Enter")
    expect(page.get_by_role("dialog", name="Receipt")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.answer.get_by_role("button", name="Receipt")).to_be_focused()


def expect_focus_within(page: Page, chat: Chat) -> None:
    """The focus is in the thread or in the message box, not lost at the top of the page."""
    page.wait_for_function("() => document.activeElement?.closest('[role=log], #composer') !== null")
