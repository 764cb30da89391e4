"""The settings page: what is chosen stays chosen, when it is saved and when something must be mended first."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.servers import Server


def test_a_choice_outlives_a_mistake_and_is_kept(own_site: Server, page: Page, console):
    console.allow("422")
    page.goto(f"{own_site.url}/settings/")
    root, dark = page.locator("html"), page.get_by_label("Dark", exact=True)
    parameters = page.get_by_label("Parameters for new chats")
    dark.check()
    page.get_by_label("Ctrl/Cmd+Enter sends").check()
    parameters.fill('{"temperature": ')
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator("#preferences .field__error")).to_be_visible()
    expect(dark).to_be_checked()
    expect(page.get_by_label("Ctrl/Cmd+Enter sends")).to_be_checked()
    expect(root).to_have_attribute("data-theme", "dark")
    parameters.fill('{"temperature": 0.3}')
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(dark).to_be_checked()
    page.goto(own_site.url)
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-send-key", "mod-enter")
    expect(page.get_by_role("spinbutton", name="Temperature value")).to_have_value("0.3")
