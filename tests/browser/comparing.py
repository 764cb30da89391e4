"""The page of a comparison as a person meets it: by the names that DESIGN.md gives to columns and buttons."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Chat


class Board:
    """A comparison with its columns."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def run_all(self) -> Locator:
        return self.page.get_by_role("button", name="Run all", exact=True)

    @property
    def stop_all(self) -> Locator:
        return self.page.get_by_role("button", name="Stop all", exact=True)

    @property
    def columns(self) -> Locator:
        return self.page.locator("#columns > .column")

    @property
    def settings(self) -> Locator:
        return self.page.get_by_role("complementary", name="Settings")

    def column(self, number: int) -> Locator:
        return self.page.get_by_role("region", name=f"Column {number}: ")

    def answer(self, number: int) -> Locator:
        """The text of the last answer of a column."""
        return self.column(number).locator(".message--assistant .message__body").last

    def fact(self, number: int, key: str) -> Locator:
        return self.column(number).locator(f"[data-fact={key}]")

    def begin(self, columns: int = 2, path: str = "/") -> Board:
        """From a new chat, as a person does."""
        chat = Chat(self.page).open(path)
        self.page.locator(".stage__bar").get_by_role("button", name="Compare", exact=True).click()
        self.page.wait_for_url("**/compare/*/")
        chat.ready()
        expect(self.columns).to_have_count(2)
        for number in range(3, columns + 1):
            self.page.get_by_role("button", name="Add column").click()
            expect(self.columns).to_have_count(number)
        return self

    def ask(self, text: str) -> None:
        """Send to all columns; returns when it stands in each."""
        self.box.fill(text)
        self.run_all.click()
        expect(self.page.locator(".column .message--user").get_by_text(text, exact=True)).to_have_count(
            self.columns.count()
        )
        expect(self.box).to_have_value("")

    def settled(self) -> None:
        """Return when no column is answering any more, and its figures are the server's."""
        expect(self.columns.locator("[aria-busy=true]")).to_have_count(0)
        expect(self.stop_all).to_be_hidden()

    def open_settings(self, number: int) -> Locator:
        self.page.get_by_role("button", name=f"Settings of column {number}").click()
        expect(self.settings.get_by_role("heading", name=f"Column {number}")).to_be_focused()
        return self.settings

    def set(self, name: str, value: str) -> None:
        """Change a number in the drawer, and wait until it is kept."""
        with self.page.expect_response(
            lambda answer: answer.url.endswith("/settings/") and answer.request.method == "POST"
        ):
            self.settings.get_by_role("spinbutton", name=name, exact=True).fill(value)

    def menu(self, number: int, name: str) -> None:
        self.page.get_by_role("button", name=f"More about column {number}").click()
        self.page.locator(".menu:popover-open").get_by_role("button", name=name).click()
