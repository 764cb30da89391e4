"""The page opens, signed in, and finds nothing to complain about."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_first_visit_shows_a_new_chat(page: Page):
    page.goto("/")
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
