"""T10, T11: titles, names, errors and files may hold anything. It is shown as text, live and after a reload.

The `console` fixture fails a test for any foreign request, and for any markup that the policy had to stop; `quiet` for any
script that ran, and for markup that came into being.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.pages import Chat
from tests.payloads import BREAKOUTS, JOINTS, LEAKS, SCRIPTS

EVERYTHING = [text for _name, text in [*SCRIPTS, *JOINTS, *LEAKS]] + [text for _name, text, _around in BREAKOUTS]
# A title or a name is one line.
LINES = [text for text in EVERYTHING if text.isprintable() and " ".join(text.split()) == text and len(text) <= 150]
OUT = "\"'><img src=data:, onerror=fired()><img src=https://leak.test/i.png></title>"
SHORT = OUT[: OUT.index("<img src=https")]
TWICE = "&lt;img src=data:, onerror=fired()&gt;"  # harmless until somebody decodes it
COUNT = "window.count = 0; window.fired = () => { window.count += 1 }"
# How often script ran, and what of a payload became an element: markup that does nothing today is markup all the same.
HARM = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const smuggled = "[onerror], [onload], [onfocus], [onclick], [ontoggle], [onbegin], [hx-vals*=fired], [hx-trigger*=fired]," +
    "[src*='leak.test'], [src='data:,'], [href^='javascript'], [srcdoc], iframe, object, embed, base";
  const roots = [document, ...[...document.querySelectorAll("template")].map((one) => one.content)];
  const found = roots.flatMap((root) => [...root.querySelectorAll(smuggled)]);
  done([window.count, ...found.map((one) => one.outerHTML.slice(0, 200))]);
}, 30)))"""


def quiet(page: Page) -> None:
    assert page.evaluate(HARM) == [0]


def opened(page: Page, path: str = "/") -> Chat:
    return Chat(page).open(path)


def shown_as_sent(page: Page, chat: Chat, text: str) -> None:
    """The receipt and the raw exchange of the last answer quote `text`."""
    chat.tool(chat.answer, "Receipt")
    expect(page.locator("#receipt-body")).to_contain_text(text)
    page.keyboard.press("Escape")
    chat.menu(chat.answer, "Show raw")
    expect(page.locator("#raw .raw")).to_contain_text(text)
    quiet(page)
