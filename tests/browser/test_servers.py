"""The fixtures that other tests stand on: a product that can be killed, and a console that tells on pages."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Console
from tests.servers import Server


def test_a_killed_product_comes_back_on_the_same_data(own_site: Server):
    key = (own_site.data_dir / "secret.key").read_text()
    own_site.kill()
    assert not own_site.is_running
    own_site.start()
    assert own_site.is_running
    assert (own_site.data_dir / "secret.key").read_text() == key
    assert own_site.log


def test_the_console_tells_on_a_page_that_breaks_the_policy(page: Page, console: Console):
    page.goto("/")
    with page.expect_console_message(lambda message: message.text.startswith("CSP: img-src")):
        page.evaluate("() => { new Image().src = 'https://example.com/pixel.png' }")
    assert console.unexpected
    console.allow("CSP|Content Security Policy|foreign request")
