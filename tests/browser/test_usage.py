"""My usage: from the sidebar to figures, from figures to runs, from a run to its receipt and its conversation."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import Chat
from tests.browser.test_axe import Check, check
from tests.browser.test_budgets import make_budget
from tests.browser.test_small_and_keyboard import PHONE, assert_no_sideways
from tests.fake_openai import FakeOpenAI, Reply, scenario
from tests.servers import Server

__all__ = ["check"]  # a fixture

MODEL = "openai/gpt-4.1"


def ask_some(page: Page, fake: FakeOpenAI, url: str = "") -> Chat:
    """An answer and a failure."""
    chat = Chat(page).open(f"{url}/")
    fake.play(Reply.text("An answer that costs something."))
    chat.ask("What does this cost?")
    chat.settled()
    fake.play(scenario("401"))
    chat.ask("And this?")
    chat.settled()
    return chat


def open_usage(page: Page) -> None:
    page.get_by_role("navigation", name="Conversations").get_by_role("link", name="Usage", exact=True).click()
    expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()


def test_figures_lead_to_runs_and_runs_to_receipt_and_conversation(own_site: Server, page: Page, fake: FakeOpenAI):
    ask_some(page, fake, own_site.url)
    open_usage(page)
    rows = page.locator("#runs tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator(".tile", has_text="Runs").locator(".tile__figure")).to_have_text("2")
    page.get_by_role("link", name="1 failed").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Failed")
    expect(page.get_by_label("Status")).to_have_value("failed")
    page.get_by_label("Status").select_option("completed")
    expect(rows).to_contain_text(MODEL)
    expect(rows).not_to_contain_text("Failed")
    expect(page).to_have_url(re.compile("status=completed"))
    rows.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^In all"))).to_contain_text("$0.")
    page.get_by_role("link", name="Open the conversation").click()
    expect(Chat(page).questions.first).to_contain_text("What does this cost?")


def test_a_deleted_conversation_leaves_its_figures(own_site: Server, page: Page, fake: FakeOpenAI):
    chat = ask_some(page, fake, own_site.url)
    deletion = f"{own_site.url}/c/{chat.uuid}/delete/"
    page.goto(f"{own_site.url}/usage/")
    expect(page.locator("#runs").get_by_role("link", name=re.compile("Open the conversation"))).to_have_count(2)
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    assert page.request.post(deletion, headers={"X-CSRFToken": token, "Referer": own_site.url}).ok
    page.reload()
    expect(page.locator("#runs tbody tr")).to_have_count(2)
    expect(page.locator("#runs").get_by_role("link", name=re.compile("Open the conversation"))).to_have_count(0)


def test_the_keyboard_alone_narrows_and_reads(page: Page, fake: FakeOpenAI):
    ask_some(page, fake)
    page.goto("/usage/")
    period = page.get_by_label("Period")
    period.focus()
    with page.expect_response(re.compile(r"/usage/\?.*period=90d")):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    expect(period).to_be_focused()
    expect(period).to_have_value("90d")
    table = page.locator("#chart-spend summary")
    table.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chart-spend").get_by_role("table")).to_be_visible()
    expect(page.locator("#chart-spend").get_by_role("table").get_by_role("row")).to_have_count(91)


def test_dates_of_ones_own(page: Page, fake: FakeOpenAI):
    ask_some(page, fake)
    page.goto("/usage/")
    expect(page.get_by_label("From", exact=True)).to_be_hidden()
    page.get_by_label("Period").select_option("custom")
    page.get_by_label("From", exact=True).fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    expect(page.get_by_text("No runs in this period.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="2020")).to_contain_text("Jan. 1, 2020 \N{EN DASH} Jan. 31, 2020")


def test_it_works_without_scripts(
    browser: Browser, browser_context_args: dict[str, object], page: Page, fake: FakeOpenAI
):
    ask_some(page, fake)
    context = browser.new_context(**browser_context_args, java_script_enabled=False)  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto("/usage/")
    plain.get_by_label("Status").select_option("failed")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("#runs tbody tr").first).to_contain_text("Failed")
    with plain.expect_download() as download:
        plain.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("usage-")
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("ran_at,run,")
    assert all(",failed," in line for line in lines[1:])
    context.close()


def test_what_is_left_of_a_budget(own_site: Server, page: Page, fake: FakeOpenAI, check: Check):
    make_budget(page, own_site, "1")
    fake.play(Reply.text(["Fine."], usage={"prompt_tokens": 10, "completion_tokens": 25_000, "total_tokens": 25_010}))
    chat = Chat(page).open(own_site.url)
    chat.ask("How much is it?")
    chat.settled()
    page.goto(f"{own_site.url}/usage/")
    budgets = page.get_by_role("region", name="Budgets")
    expect(budgets).to_contain_text("$0.80 left of $1.00")
    check()


def test_axe_and_a_phone(page: Page, fake: FakeOpenAI, check: Check):
    ask_some(page, fake)
    page.goto("/usage/")
    page.locator("#chart-tokens summary").click()
    check()
    page.locator("#runs tbody").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    check()
    page.set_viewport_size(PHONE)
    assert_no_sideways(page)
    page.goto("/usage/?period=custom&from=2020-01-01&to=2020-01-31&status=failed")
    check()
    page.goto("/usage/")
    assert_no_sideways(page)
    check()
    page.get_by_role("button", name="Conversations", exact=True).click()
    open_usage(page)
