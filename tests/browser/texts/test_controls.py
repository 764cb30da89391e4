"""The payloads bite where nothing protects, and what they would do is noticed."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.texts.hostile import COUNT, HARM
from tests.payloads import BREAKOUTS


def test_control_a_breakout_bites_where_nothing_protects(page: Page):
    decode = "for (const one of document.querySelectorAll('[data-twice]')) one.innerHTML = one.title"
    for name, text, around in BREAKOUTS:
        page.set_content(f"<script>{COUNT}</script>{around.format(text)}<p>end</p><script>{decode}</script>")
        page.evaluate("document.querySelector('[autofocus]')?.focus()")
        assert page.evaluate(HARM)[0] > 0, f"{name}: an inert payload proves nothing"


def test_control_markup_that_came_in_is_noticed(page: Page):
    page.set_content("<template><b onclick=x()>x</b></template>")
    assert len(page.evaluate(HARM)) == 2
