"""Re-pricing a period with nothing but keys: what would change is seen before it is confirmed, and axe has nothing to say."""

from __future__ import annotations

import datetime

from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_axe import Check, check  # noqa: F401 - a fixture
from tests.safety.product import Person, Rows, wait_until
from tests.servers import Server


def test_a_period_is_looked_at_and_then_corrected(page: Page, own_site: Server, check: Check, console: Console):  # noqa: F811
    console.allow("status of 422")
    person, rows = Person(own_site), Rows(own_site)
    for text in ("one", "two"):
        person.ask(text)
    person.close()
    wait_until(lambda: rows.count("usage_ledgerentry") == 2, "both runs to end")
    page.goto(f"{own_site.url}/admin/usage/repricing/add/?what=openai/gpt-4.1")
    check()

    keys, today = page.keyboard, datetime.datetime.now(datetime.UTC).date().isoformat()
    page.get_by_label("From").fill(today)
    page.get_by_label("To:", exact=True).fill(today)
    page.get_by_label("as the price rows of each day say now").focus()
    keys.press("ArrowDown")
    expect(page.get_by_label("these, for the whole period:")).to_be_checked()
    keys.press("Tab")
    keys.type("4")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("16")
    keys.press("Enter")

    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    expect(page.get_by_role("row", name="openai/gpt-4.1").first).to_contain_text("+$")
    check()
    assert rows.count("usage_ledgerentry") == 2
    page.get_by_role("button", name="Correct 2 runs").click()
    expect(page.get_by_role("alert")).to_be_visible()  # not without a reason
    check()
    page.get_by_label("Reason").fill("The price list was late")
    keys.press("Tab")
    keys.press("Enter")

    expect(page.get_by_text("2 runs corrected")).to_be_visible()
    expect(page.get_by_text("The price list was late")).to_be_visible()
    assert rows.count("usage_ledgerentry") == 4
    check()
