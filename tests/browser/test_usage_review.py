"""The admin's review of usage, as an admin uses it."""

from __future__ import annotations

import datetime
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import Chat
from tests.browser.test_axe import Check, check
from tests.browser.test_small_and_keyboard import PHONE
from tests.fake_openai import FakeOpenAI, Reply
from tests.servers import Server

__all__ = ["check"]  # a fixture

SECRET = "Nobody but me may read this"
DASHBOARD = "/admin/usage/"


@pytest.fixture
def run(page: Page, fake: FakeOpenAI) -> None:
    """A run of today is in the ledger."""
    chat = Chat(page).open()
    fake.play(Reply.text("A secret answer."))
    chat.ask(SECRET)
    chat.settled()


def table(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{name} "))


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def tile(page: Page, name: str) -> Locator:
    """The figure under that name."""
    return page.locator(f".tile:has(> dt:text-is('{name}')) .tile__figure")


@pytest.mark.usefixtures("run")
class TestFromFigureToReceipt:
    def test_every_step_and_nothing_that_was_written(self, page: Page):
        page.goto(DASHBOARD)
        table(page, "Models").get_by_role("link", name="openai/gpt-4.1", exact=True).click()
        expect(choice(page, "Model")).to_have_value("openai/gpt-4.1")
        figure = tile(page, "Runs").get_by_role("link")
        figure.click()
        expect(page.get_by_role("heading", name="Runs of everybody")).to_be_visible()
        expect(page.get_by_role("list", name="Filtered by")).to_contain_text("openai/gpt-4.1")
        page.get_by_role("table").get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Receipt of a run")).to_be_visible()
        expect(page.get_by_role("region", name="Cost")).to_contain_text("Output")
        expect(page.get_by_role("region", name="Metrics")).to_contain_text("completion_tokens")
        expect(page.locator("main")).not_to_contain_text("secret")
        expect(page.locator("main")).not_to_contain_text(SECRET)

    def test_filters_by_form(self, page: Page):
        page.goto(DASHBOARD)
        choice(page, "Source").select_option("chat")
        choice(page, "Period").select_option("7d")
        page.get_by_role("button", name="Apply").click()
        expect(page).to_have_url(re.compile(r"period=7d.*source=chat"))
        expect(table(page, "Sources").get_by_role("row")).to_have_count(2)
        page.get_by_role("link", name="Clear filters").click()
        expect(choice(page, "Source")).to_have_value("")
        expect(choice(page, "Period")).to_have_value("7d")

    def test_dates_are_asked_for_when_they_are_chosen(self, page: Page):
        page.goto(DASHBOARD)
        expect(page.get_by_label("From", exact=True)).to_be_hidden()
        choice(page, "Period").select_option("custom")
        page.get_by_label("From", exact=True).fill("2020-01-01")
        page.get_by_label("To", exact=True).fill("2020-01-31")
        page.get_by_role("button", name="Apply").click()
        expect(tile(page, "Runs")).to_contain_text("0")
        expect(table(page, "People")).to_contain_text("Nothing in this period.")

    def test_a_table_as_a_file(self, page: Page):
        page.goto(DASHBOARD)
        with page.expect_download() as download:
            page.get_by_role("link", name="Models as CSV").click()
        text = download.value.path().read_text("utf-8-sig")
        assert text.startswith("name,runs,")
        assert "\nopenai/gpt-4.1," in text

    def test_all_runs_as_a_file(self, page: Page):
        page.goto("/admin/usage/runs/")
        with page.expect_download() as download:
            page.get_by_role("link", name="All as CSV").click()
        text = download.value.path().read_text("utf-8-sig")
        assert "openai/gpt-4.1" in text
        assert SECRET not in text


@pytest.mark.usefixtures("run")
def test_an_invoice_beside_the_statement(page: Page):
    page.goto(f"/admin/usage/statement/?month={datetime.datetime.now(datetime.UTC):%Y-%m}")
    page.get_by_label("Provider").select_option("openai")
    file = {"name": "invoice.csv", "mimeType": "text/csv", "buffer": b"model,cost\ngpt-4.1,1000\nunheard-of,5\nbad,x\n"}
    page.get_by_label("Invoice file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Compare").click()
    found = page.get_by_role("region", name="Invoice of openai")
    expect(found.get_by_role("rowgroup").filter(has_text="unheard-of")).to_contain_text("+$5.00")
    expect(found.get_by_role("rowgroup").filter(has_text="openai/gpt-4.1").first).to_contain_text("$1,000.00")
    expect(found).to_contain_text("Line 4")


@pytest.mark.usefixtures("run")
def test_the_keyboard_is_enough(page: Page):
    page.goto(DASHBOARD)
    choice(page, "Period").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Apply").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("period=7d"))
    page.get_by_role("group", name=re.compile("^People")).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"user=\d"))


@pytest.mark.usefixtures("run")
def test_scripts_are_not_needed(browser: Browser, site: Server):
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(DASHBOARD)
    choice(page, "Model").select_option("openai/gpt-4.1")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("model=openai"))
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_role("heading", name="Runs of everybody")).to_be_visible()
    context.close()


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("is_phone", [False, True], ids=["wide", "phone"])
def test_axe_finds_nothing(page: Page, check: Check, is_phone: bool):
    if is_phone:
        page.set_viewport_size(PHONE)
    for address in (DASHBOARD, f"{DASHBOARD}?from=2020-01-01&to=2020-01-02", "/admin/usage/runs/", "/admin/"):
        page.goto(address)
        check()
    page.goto("/admin/usage/runs/")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Receipt of a run")).to_be_visible()
    check()
    page.goto(f"/admin/usage/statement/?month={datetime.datetime.now(datetime.UTC):%Y-%m}")
    check()
    page.get_by_label("Provider").select_option("openai")
    file = {"name": "invoice.csv", "mimeType": "text/csv", "buffer": b"model,cost\ngpt-4.1,1000\nunheard-of,5\nbad,x\n"}
    page.get_by_label("Invoice file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("region", name="Invoice of openai")).to_be_visible()
    check()


@pytest.mark.usefixtures("run")
def test_no_page_is_wider_than_a_phone(page: Page):
    page.set_viewport_size(PHONE)
    for address in (DASHBOARD, "/admin/usage/runs/", "/admin/usage/statement/"):
        page.goto(address)
        assert (
            page.evaluate(
                "() => { const one = document.querySelector('.page'); return one.scrollWidth - one.clientWidth }"
            )
            == 0
        )


def test_the_admin_leads_to_usage_and_back(page: Page):
    page.goto("/admin/")
    page.get_by_role("link", name="Usage", exact=True).first.click()
    expect(page.get_by_role("heading", name="Usage of everybody")).to_be_visible()
    page.goto("/admin/")
    page.get_by_role("link", name="Back to Playground").click()
    expect(Chat(page).box).to_be_visible()
